import { z } from 'zod';
import { Unavailable, Unusable } from '../../errors';
import { parseJson } from '../../json';
import type { PayPalApi } from './api';
import { subjectOfObject, toEvent, type Subject } from './events';
import type { Listed, Moved } from './hints';

/** https://developer.paypal.com/api/webhooks/v1/webhooks-events-list */
const PATH = '/v1/notifications/webhooks-events';
/** PayPal documents no maximum; its default is 10. */
const PAGE_SIZE = '100';

const page = z.object({
  events: z.array(z.unknown()),
  links: z.array(z.object({ href: z.string(), rel: z.string() })).default([]),
});

const anyId = z.object({ id: z.string() });

const kinds: Readonly<Partial<Record<Subject, Moved>>> = {
  capture: 'capture',
  hold: 'capture',
  refund: 'refund',
  refundFailure: 'refund',
  reversal: 'reversal',
  captureReversal: 'captureReversal',
};

/**
 * Lists the webhook events of our app in a span of time, whether they were delivered or not.
 * @throws Unavailable when PayPal does not answer, answers with half a page, or pages in a circle.
 */
export async function listEvents(
  api: Pick<PayPalApi, 'get'>,
  since: Date,
  until: Date,
): Promise<Listed> {
  const listed: Listed[] = [];
  const asked = new Set<string>();
  let query: Record<string, string> | undefined = {
    start_time: since.toISOString(),
    end_time: until.toISOString(),
    page_size: PAGE_SIZE,
  };
  while (query !== undefined) {
    const question = JSON.stringify(query);
    if (asked.has(question)) throw new Unavailable("PayPal's list of events goes in a circle.");
    asked.add(question);
    const { data } = page.safeParse(parseJson(await api.get(PATH, query)));
    if (data === undefined) throw new Unavailable('PayPal answered with half a list of events.');
    listed.push(...data.events.map(readEntry));
    query = nextQuery(data.links);
  }
  return {
    entries: listed.flatMap(({ entries }) => entries),
    unreadable: listed.flatMap(({ unreadable }) => unreadable),
  };
}

/** The parameters of the link to the next page. Its address is not used: our token goes to one host only. */
function nextQuery(links: z.output<typeof page>['links']): Record<string, string> | undefined {
  const href = links.find(({ rel }) => rel === 'next')?.href;
  if (href === undefined) return undefined;
  // PayPal's samples write the link as in HTML.
  const { searchParams } = new URL(href.replaceAll('&amp;', '&'), 'https://api-m.paypal.com');
  return Object.fromEntries(searchParams);
}

function readEntry(json: unknown): Listed {
  const event = toEvent(json);
  if (event === undefined) {
    const about = anyId.safeParse(json).data?.id;
    return unreadable('PayPal lists an event that cannot be read.', about);
  }
  const moved = kinds[subjectOfObject(event)];
  if (moved === undefined) return { entries: [], unreadable: [] };
  const { id, objectId, claim } = event;
  if (objectId === undefined) return unreadable('An event names no capture and no refund.', id);
  const isOfCapture = moved === 'capture' || moved === 'captureReversal';
  const captureId = isOfCapture ? objectId : event.captureId;
  return { entries: [{ moved, objectId, captureId, claim }], unreadable: [] };
}

function unreadable(message: string, about: string | undefined): Listed {
  return { entries: [], unreadable: [new Unusable(message, about === undefined ? {} : { about })] };
}
