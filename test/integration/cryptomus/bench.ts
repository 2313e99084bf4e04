import { StackClient, type User } from '../../../scripts/stack/client.ts';
import { ports } from '../../../scripts/stack/values.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { existing } from '../../harness/existing.ts';
import { serveFunctions, type ServedFunctions } from '../../harness/functions.ts';
import { startCryptomus, type CryptomusStandin } from '../../standins/cryptomus/server.ts';
import { startRetailApi, type RetailApi } from '../../standins/retail-api.ts';

export const KEY = 'cryptomus-payment-key-standin';
export const APP = 'https://app.example.com';

interface Parts {
  readonly cryptomus: CryptomusStandin;
  readonly retail: RetailApi;
  readonly functions: ServedFunctions;
  readonly client: StackClient;
  readonly hook: string;
}

/** The functions of Cryptomus between their stand-ins, with a new user for every test. */
export class Bench {
  #parts: Parts | undefined;
  #user: User | undefined;

  /** @param paymentKey what the functions are given; it may be set right later. */
  constructor(paymentKey: string = KEY) {
    beforeAll(async () => {
      this.#parts = await start(paymentKey);
    });
    beforeEach(async () => {
      this.control.reset();
      this.#user = await this.parts.client.signIn();
    });
    afterAll(async () => {
      const { functions, client, cryptomus, retail } = this.parts;
      await functions.stop();
      await client.close();
      await cryptomus.stop();
      await retail.stop();
    });
  }

  get parts(): Parts {
    return existing(this.#parts);
  }

  get user(): User {
    return existing(this.#user);
  }

  get control() {
    return this.parts.cryptomus.control;
  }

  /** Asks for a payment of 15.00 as an app does. */
  async createPayment(changes: object = {}, headers: Record<string, string> = {}) {
    const response = await fetch(await this.parts.functions.url('cryptomus-createPayment'), {
      method: 'POST',
      headers: { authorization: `Bearer ${this.user.token}`, ...headers },
      body: JSON.stringify({
        amount: 1500,
        url_return: `${APP}/payment`,
        url_success: `${APP}/payment?paid`,
        ...changes,
      }),
    });
    const body = (await response.json()) as { url: string; errorName: string };
    return { status: response.status, body };
  }

  /** The uuid of a new invoice of the user. */
  async order(): Promise<string> {
    const { body } = await this.createPayment();
    return new URL(body.url).pathname.replace('/pay/', '');
  }

  /** Posts a notification; resolves to the status answered. */
  async post(body: string): Promise<number> {
    return (await fetch(this.parts.hook, { method: 'POST', body })).status;
  }

  /** Payment id, cents and kind of every row of the user. */
  async moved(): Promise<unknown[][]> {
    const rows: Record<string, unknown>[] = await this.parts.client.rows(this.user);
    return rows.map((row) => [row['payment_id'], row['amount'], row['kind']]);
  }

  balance(): number | null {
    return this.parts.retail.control.balance(this.user.uid);
  }

  /** The ids of what is parked about an invoice, in their own order. */
  async parkedIds(uuid: string): Promise<string[]> {
    const parked = (await this.parts.client.parkedEvents()).map((event) => String(event['id']));
    return parked.filter((id) => id.includes(uuid)).toSorted();
  }

  /** What the notifications sent were answered. */
  answers(): (number | null)[] {
    return this.control.deliveries().map(({ status }) => status);
  }
}

async function start(paymentKey: string): Promise<Parts> {
  const cryptomus = await startCryptomus({ merchantId: 'merchant-standin', paymentKey: KEY });
  const retail = await startRetailApi({ apiKey: 'retail-standin' });
  const functions = await serveFunctions({
    PAYMENTS_MODE: 'test',
    APP_ALLOWED_ORIGINS: APP,
    FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
    CRYPTOMUS_MERCHANT_ID: 'merchant-standin',
    CRYPTOMUS_PAYMENT_KEY: paymentKey,
    CRYPTOMUS_API_URL: cryptomus.origin,
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
    PLATFONE_CALLS_PER_SECOND: '1000',
  });
  const hook = await functions.url('cryptomus-handleWebhookEvents');
  setEnvironment({ CRYPTOMUS_CALLBACK_URL: hook });
  const client = new StackClient(String(process.env['FIRESTORE_EMULATOR_HOST']));
  return { cryptomus, retail, functions, client, hook };
}
