import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import { send } from '../../../functions/src/send.ts';
import { retailConfig } from '../../harness/retail.ts';
import { listen } from '../../standins/http.ts';
import { startRetailApi } from '../../standins/retail-api.ts';

const API_KEY = 'retail-standin';

// `fetch` takes every header along to wherever it is sent, but for those it knows to be secret.
test.each([301, 302, 303, 307, 308])(
  'a %d to somewhere else is not followed: the key stays here',
  async (status) => {
    const reached: unknown[] = [];
    const elsewhere = await listen((call) => {
      reached.push(call.headers['x-api-key']);
      return { status: 200, body: { result: 'success' } };
    });
    const retail = await startRetailApi({ apiKey: API_KEY });
    retail.control.next({ status, headers: { location: `${elsewhere.origin}/api/v1` } });
    const api = new RetailApi(retailConfig(retail.url), send);
    const transaction = {
      paymentId: 'stripe_pi_1',
      uid: 'ann',
      amountCents: 1,
      gateway: 'stripe',
      mode: 'test',
    } as const;
    const outcome = await api.push(transaction, { sendBy: new Date(Date.now() + 10_000) });
    await Promise.all([retail.stop(), elsewhere.stop()]);
    expect(reached).toEqual([]);
    expect(outcome).toMatchObject({ status });
    expect(['applied', 'duplicate']).not.toContain(outcome.kind);
  },
);
