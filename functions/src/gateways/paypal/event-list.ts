import { z } from 'zod';
import { NotFound, Unavailable, Unusable } from '../../errors';
import { parseJson } from '../../json';
import type { PayPalApi } from './api';
import { Refusal } from './client';
import { subjectOfObject, toEvent, type Subject } from './events';
import { joinLists, type Listed, type Moved } from './hints';

/** https://developer.paypal.com/api/webhooks/v1/webhooks-events-list */
const PATH = '/v1/notifications/webhooks-events';
/** PayPal documents no maximum; its default is 10. */
const PAGE_SIZE = '100';
/** Far above what 30 days of events have. */
const MOST_PAGES = 1000;

const page = z
  .object({
    events: z.array(z.unknown()).optional(),
    count: z.int().optional(),
    links: z.array(z.object({ href: z.string(), rel: z.string() })).default([]),
  })
  // Only an empty list may lack its events.
  .refine(({ events, count }) => events !== undefined || count === 0)
  .transform(({ events = [], links }) => ({ events, links }));

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
  const questions = new Set<string>();
  let query: Record<string, string> | undefined = {
    start_time: since.toISOString(),
    end_time: until.toISOString(),
    page_size: PAGE_SIZE,
  };
  while (query !== undefined) {
    const question = JSON.stringify(query);
    if (questions.has(question) || questions.size === MOST_PAGES)
      throw new Unavailable("PayPal's list of events goes in a circle.");
    questions.add(question);
    const { events, links } = await readPage(api, query);
    listed.push(...events.map(readEntry));
    // PayPal does not say whether its last page links to one more.
    query = events.length === 0 ? undefined : nextQuery(links);
  }
  return joinLists(listed);
}

async function readPage(
  api: Pick<PayPalApi, 'get'>,
  query: Record<string, string>,
): Promise<z.output<typeof page>> {
  try {
    const { data } = page.safeParse(parseJson(await api.get(PATH, query)));
    if (data !== undefined) return data;
  } catch (error) {
    if (!(error instanceof NotFound || error instanceof Refusal)) throw error;
    throw new Unavailable('PayPal does not list the events of this time.', { cause: error });
  }
  throw new Unavailable('PayPal answered with half a list of events.');
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
