import { ask, StackClient, type Answer, type User } from '../../scripts/stack/client.ts';
import { origin, ports } from '../../scripts/stack/values.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { serveFunctions, type ServedFunctions } from './functions.ts';

/** The origin of the web client that the functions of a test allow. */
export const APP_ORIGIN = 'https://app.example.test';

/** The deployed functions with a Retail API of their own, and what apps and operators do with them. */
export class ServedApp {
  readonly functions: ServedFunctions;
  readonly retail: RetailApi;
  /** The suite's Firestore and Auth; the functions of the suite's stack are not called. */
  readonly stack: StackClient;

  private constructor(functions: ServedFunctions, retail: RetailApi, stack: StackClient) {
    this.functions = functions;
    this.retail = retail;
    this.stack = stack;
  }

  /** @param environment what the gateway under test is configured with. */
  static async start(environment: Readonly<Record<string, string>>): Promise<ServedApp> {
    const retail = await startRetailApi({ apiKey: 'retail-standin' });
    const stack = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
    const functions = await serveFunctions({
      PAYMENTS_MODE: 'test',
      APP_ALLOWED_ORIGINS: APP_ORIGIN,
      FIREBASE_AUTH_EMULATOR_HOST: new URL(origin(ports.auth)).host,
      PLATFONE_API_KEY: 'retail-standin',
      PLATFONE_API_URL: retail.url,
      PLATFONE_CALLS_PER_SECOND: '1000',
      PLATFONE_BALANCE_CACHE_MS: '0',
      ...environment,
    });
    return new ServedApp(functions, retail, stack);
  }

  async stop(): Promise<void> {
    await this.functions.stop();
    await this.retail.stop();
    await this.stack.close();
  }

  /** POSTs to a function as an app does. */
  async call<Body = { errorName: string }>(
    name: string,
    body: object,
    user?: Pick<User, 'token'>,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(await this.functions.url(name), {
      method: 'POST',
      headers: { ...(user && { authorization: `Bearer ${user.token}` }), ...headers },
      body: JSON.stringify(body),
    });
    const { status } = response;
    return { status, headers: response.headers, body: (await response.json()) as Body };
  }

  /** Reads from a function as an app does, or deletes. */
  async ask<Body = { errorName: string }>(
    name: string,
    query: Readonly<Record<string, string>> = {},
    user?: Pick<User, 'token'>,
    init: { readonly method?: 'DELETE'; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer<Body>> {
    return ask(await this.functions.url(name), query, user, init);
  }

  /** POSTs to a webhook as a gateway does. */
  async report(name: string, body: string, headers: Record<string, string> = {}) {
    const url = await this.functions.url(name);
    const response = await fetch(url, { method: 'POST', headers, body });
    return { status: response.status, body: await response.text() };
  }

  /** The user's rows, in any order, as `kind cents`. */
  async rows(user: User): Promise<string[]> {
    const rows = await this.stack.rows(user);
    return rows.map((row) => `${String(row['kind'])} ${String(row['amount'])}`).sort();
  }

  /** What was parked of a gateway, as its reasons. */
  async parked(gateway: string): Promise<string[]> {
    const parked = await this.stack.parkedEvents();
    const of = parked.filter((event) => event['gateway'] === gateway);
    return of.map((event) => String(event['reason']));
  }
}
