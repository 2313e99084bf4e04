import type { StackClient, User } from '../../scripts/stack/client.ts';
import { ServedApp } from './app.ts';
import { existing } from './existing.ts';

/** What an app is answered. */
export interface StoreAnswer {
  readonly status: number;
  readonly body: { result?: string; reason?: string; errorName?: string };
}

/**
 * The deployed functions with one of the app stores of their own, and a new user for every test;
 * for the suite that makes one.
 */
export abstract class StoreStage {
  #app: ServedApp | undefined;
  #user: User | undefined;

  constructor() {
    beforeAll(async () => {
      this.#app = await ServedApp.start(await this.openStore());
      await this.pointStore();
    });
    beforeEach(async () => {
      this.#user = await this.client.signIn();
    });
    afterAll(async () => {
      await this.#app?.stop();
      await this.closeStore();
    });
  }

  /** Starts the store's stand-in; resolves to what the functions are configured with for it. */
  protected abstract openStore(): Promise<Record<string, string>>;

  /** Tells the stand-in where the functions are. */
  protected abstract pointStore(): Promise<void>;

  protected abstract closeStore(): Promise<void>;

  protected get app(): ServedApp {
    return existing(this.#app);
  }

  get retail(): ServedApp['retail'] {
    return this.app.retail;
  }

  get client(): StackClient {
    return this.app.stack;
  }

  get user(): User {
    return existing(this.#user);
  }

  url(name: string): Promise<string> {
    return this.app.functions.url(name);
  }

  balance(): number | null {
    return this.retail.control.balance(this.user.uid);
  }

  protected async call(
    name: string,
    fields: object,
    by: Pick<User, 'token'> = this.user,
  ): Promise<StoreAnswer> {
    const { status, body } = await this.app.call<StoreAnswer['body']>(name, fields, by);
    return { status, body };
  }
}
