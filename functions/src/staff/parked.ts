import { Conflict, NotFound } from '../errors';
import type { Reply } from '../http/call';
import { openOpenEvents, type OpenEvents, type Retry } from '../ledger/open-events';
import { MOST_OPEN, type listParked, type resolveParked, type retryParked } from './calls';
import { toParkedReply } from './replies';

export function openParked(events: OpenEvents = openOpenEvents(), now = () => new Date()) {
  return {
    async list({ gateway }: { readonly gateway?: string | undefined }) {
      const { events: open, isMore } = await events.list(gateway, MOST_OPEN);
      return { parked: open.map(toParkedReply), is_more: isMore } satisfies Reply<
        typeof listParked
      >;
    },

    /** @throws NotFound, Conflict. */
    async retry({ parked_id: id, gateway }: { parked_id: string; gateway?: string | undefined }) {
      if (id !== 'all') return toReply([await events.retry(id, now())], false);
      const { events: open, isMore } = await events.list(gateway, MOST_OPEN);
      const retries = await Promise.all(open.map((one) => retryOne(events, one.id, now())));
      return toReply(retries.flat(), isMore);
    },

    /** @throws NotFound, Conflict. */
    async resolve({ parked_id: id, reason }: { parked_id: string; reason: string }, line: string) {
      await events.resolve(id, reason, line, now());
      return { result: 'success' } satisfies Reply<typeof resolveParked>;
    },
  };
}

/** One that the schedule has just resolved or changed needs no retry. */
async function retryOne(events: OpenEvents, id: string, now: Date): Promise<Retry[]> {
  try {
    return [await events.retry(id, now)];
  } catch (error) {
    if (error instanceof Conflict || error instanceof NotFound) return [];
    throw error;
  }
}

function toReply(retries: readonly Retry[], isMore: boolean): Reply<typeof retryParked> {
  const released = retries.filter((one) => one === 'release').length;
  return { released, asked: retries.length - released, is_more: isMore };
}
