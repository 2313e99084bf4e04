import { collected } from '../../harness/log.ts';
import { existing } from '../../harness/existing.ts';
import { keys, startWorld, type World } from '../../harness/world.ts';

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string | Buffer;
}

/** Stripe's webhook and its stand-in. */
export class Bench {
  #world: World | undefined;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    beforeAll(async () => {
      this.#world = await startWorld(environment);
    });
    afterAll(() => this.#world?.stop());
  }

  get world(): World {
    return existing(this.#world);
  }

  get stripe() {
    return this.world.stripe.control;
  }

  /** Posts something to the webhook, signed unless told otherwise. */
  async post(
    payload: unknown,
    { headers = {}, method = 'POST', body }: Sent = {},
  ): Promise<{ status: number; text: string; headers: Headers }> {
    const signed = this.stripe.signed(payload);
    const response = await fetch(this.world.webhookUrl, {
      method,
      headers: {
        'content-type': 'application/json',
        'stripe-signature': signed.header,
        ...headers,
      },
      ...(method !== 'GET' && { body: body ?? signed.body }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
}

/** An event that Stripe could send, but for what is given. */
export function envelope(changes: object = {}): object {
  return {
    id: 'evt_test',
    object: 'event',
    type: 'customer.created',
    livemode: false,
    data: { object: { id: 'cus_1', object: 'customer' } },
    ...changes,
  };
}

/**
 * Fails when a line logged in this test file is no JSON object or holds a secret.
 *
 * @param moreThan how many lines there are at the least: an empty log proves nothing.
 */
export function expectDiscreetLog(moreThan: number): void {
  const lines = collected();
  expect(lines.length).toBeGreaterThan(moreThan);
  for (const line of lines) {
    expect(() => JSON.parse(line) as unknown).not.toThrow();
    for (const canary of [
      keys.stripe,
      keys.webhook,
      keys.retail,
      'v1=',
      '"data"',
      'client_secret',
    ]) {
      expect(line).not.toContain(canary);
    }
  }
}
