import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../config/limits';
import { NotFound, Parkable, Unavailable, Unusable } from '../../errors';
import type { History } from '../../gateway';
import { movementKinds, type Reported } from '../../movement';
import { readAll, type AdvanceDeps } from './advance';
import type { ListedKind, Span } from './api';
import { isRefusal, Stuck } from './client';
import { toEvent } from './events';
import { intentSchema, ofPaymentSchema, type Intent } from './objects';

/** Objects that are read at once: far below Stripe's limit of 100 calls a second. */
const AT_ONCE = 8;

/**
 * What happened to the payments of the account: intents, refunds and disputes by the time they were
 * made, and Stripe's own events, which it keeps for 30 days
 * (https://docs.stripe.com/api/events/list) and which tell of later changes.
 */
export function openHistory(deps: AdvanceDeps): History {
  return {
    kinds: movementKinds,
    reachMs: 30 * DAY_MS,
    // A list shows a new object within seconds; clocks may differ by more.
    lagMs: 10 * MINUTE_MS,
    everyMs: HOUR_MS,
    list: (since, until) => list({ since, until }, deps),
  };
}

/** An intent that a list names, as far as the list tells it. */
interface Named {
  readonly id: string;
  readonly intent?: Intent;
}

const kinds: readonly ListedKind[] = ['refunds', 'disputes', 'events', 'paymentIntents'];

/** A held payment that cannot be captured now ends the list only after all others were read. */
async function* list(span: Span, deps: AdvanceDeps): AsyncGenerator<readonly Reported[]> {
  const seen = new Set<string>();
  const stuck: Stuck[] = [];
  for (const kind of kinds) {
    for await (const page of pagesOf(kind, span, deps)) {
      const named = await someAtOnce(page, (entry) => nameIntent(kind, entry, deps));
      const fresh = named.filter((one) => one instanceof Unusable || !seen.has(one?.id ?? ''));
      const reported: Reported[] = [];
      const intents = new Map<string, Named>();
      for (const one of fresh) {
        if (one instanceof Unusable) reported.push(one);
        else if (one !== undefined) intents.set(one.id, one);
      }
      for (const id of intents.keys()) seen.add(id);
      const read = (one: Named) => readOne(one, deps, stuck);
      reported.push(...(await someAtOnce([...intents.values()], read)).flat());
      yield reported;
    }
  }
  if (stuck[0] !== undefined) throw stuck[0];
}

async function* pagesOf(
  kind: ListedKind,
  span: Span,
  { api }: AdvanceDeps,
): AsyncGenerator<readonly ({ readonly id: string } | null)[]> {
  for (let after: string | undefined; ;) {
    const { data, has_more: hasMore } = await api.listMade(kind, span, after);
    yield data;
    const last = data.at(-1)?.id;
    if (!hasMore) return;
    if (last === undefined || last === after) throw new Unavailable('Stripe repeats its page.');
    after = last;
  }
}

/** Undefined for an entry that belongs to no intent: it is not ours. */
async function nameIntent(
  kind: ListedKind,
  entry: { readonly id: string } | null,
  { api }: AdvanceDeps,
): Promise<Named | Unusable | undefined> {
  if (kind === 'paymentIntents') {
    const { data } = intentSchema.safeParse(entry);
    if (data !== undefined) return { id: data.id, intent: data };
    // It is read by its id, and named when that cannot be read either.
    return entry === null ? new Unusable('Stripe lists an unusable intent.') : { id: entry.id };
  }
  const { intentId, chargeId } = kind === 'events' ? ofEvent(entry) : ofCorrection(entry);
  if (intentId !== null) return { id: intentId };
  return chargeId === null ? undefined : nameIntentOf(chargeId, api);
}

async function nameIntentOf(
  chargeId: string,
  api: AdvanceDeps['api'],
): Promise<Named | Unusable | undefined> {
  try {
    const id = await api.findIntentOf(chargeId);
    return id === null ? undefined : { id };
  } catch (error) {
    return toUnusable(error, chargeId);
  }
}

function ofEvent(entry: unknown): { intentId: string | null; chargeId: string | null } {
  try {
    const { account, intentId, chargeId } = toEvent(entry);
    return account === null ? { intentId, chargeId } : { intentId: null, chargeId: null };
  } catch (error) {
    // The lists of objects show the same payment.
    if (error instanceof Unusable) return { intentId: null, chargeId: null };
    throw error;
  }
}

function ofCorrection(entry: unknown): { intentId: string | null; chargeId: string | null } {
  const { data } = ofPaymentSchema.safeParse(entry);
  return { intentId: data?.payment_intent ?? null, chargeId: data?.charge ?? null };
}

async function someAtOnce<T, R>(all: readonly T[], read: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    done.push(...(await Promise.all(all.slice(start, start + AT_ONCE).map(read))));
  }
  return done;
}

/** One intent that cannot be read does not hide the others. */
async function readOne(
  { id, intent }: Named,
  deps: AdvanceDeps,
  stuck: Stuck[],
): Promise<readonly Reported[]> {
  try {
    return await readAll(intent ?? (await deps.api.readIntent(id)), deps);
  } catch (error) {
    if (!(error instanceof Stuck)) return [toUnusable(error, id)];
    stuck.push(error);
    return [];
  }
}

/** @throws the error itself when it is not about this object alone. */
function toUnusable(error: unknown, about: string): Unusable {
  if (isRefusal(error)) return new Unusable('Stripe refuses a call.', { about, cause: error });
  if (!(error instanceof NotFound || error instanceof Parkable)) throw error;
  return new Unusable(error.message, { about, cause: error });
}
