import { setEnvironment } from '../../../harness/environment.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import type { PayPalStandin } from '../../../standins/paypal/server.ts';
import type { Call, Reply } from '../../../standins/http.ts';
import { inFrontOf, open, order, useStandin } from './bench.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const CAPTURE = 'CAPTURE0000000001';
export const EVENTS = '/v1/notifications/webhooks-events';
export const SEARCH = '/v1/reporting/transactions';

/** What a test of the lists does with the stand-in of its own. */
export function useHistory() {
  const paypal = useStandin();
  /** The pages of the last `hours`; those before a failure are in `pages`, too. */
  const pagesOf = async (
    hours = 1,
    known = [order],
    pages: (readonly Reported[])[] = [],
  ): Promise<(readonly Reported[])[]> => {
    const { history } = await open({ known, isReadOnly: true });
    const until = new Date(Date.now() + 1000);
    const since = new Date(until.getTime() - hours * HOUR_MS);
    for await (const page of history?.list(since, until) ?? []) pages.push(page);
    return pages;
  };
  return {
    paypal,
    pagesOf,
    list: async (hours = 1, known = [order]) => (await pagesOf(hours, known)).flat(),
    permitSearch: () => {
      paypal().control.search({ isPermitted: true });
      setEnvironment({ PAYPAL_TRANSACTION_SEARCH: 'true' });
    },
    /** What was asked of PayPal's API, but for the token. */
    calls: () => callsOf(paypal()),
    /** One list is answered otherwise. */
    answering: (path: string, answer: (call: Call) => Reply, attempt: () => Promise<void>) =>
      inFrontOf(paypal(), (call) => (call.path === path ? answer(call) : undefined), attempt),
  };
}

function callsOf({ control }: PayPalStandin): string[] {
  return control
    .requests()
    .filter(({ path }) => path !== '/v1/oauth2/token')
    .map(({ method, path }) => `${method} ${path}`);
}

export const noEvents = (): Reply => ({ status: 200, body: { events: [], count: 0 } });
