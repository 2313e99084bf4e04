import { withControl } from '../control.ts';
import { listen } from '../http.ts';
import type { Listener } from '../http.ts';
import { ApiFaults } from '../faults.ts';
import { apiHandler } from './api.ts';
import type { Account, Desk } from './api.ts';
import { controlOf } from './control.ts';
import type { GooglePlayControl, Notify } from './control.ts';
import { newKey, type SigningKey } from './keys.ts';
import { Pusher } from './pusher.ts';
import { Shop } from './shop.ts';

/** How the stand-in is started. */
export interface GooglePlayOptions {
  readonly port?: number;
  readonly packageName: string;
  /** The service account that may ask the API. */
  readonly account: Account;
  /** Left out: messages are made, but pushed nowhere until the subscription is configured. */
  readonly pushUrl?: string;
  readonly audience: string;
  /** The service account of the subscription. */
  readonly sender: string;
  /** What pushes are signed with; a fresh one unless told otherwise. Its certificate is published. */
  readonly key?: SigningKey;
  /** Part of every id it makes, so that two stand-ins sell no purchase under one id. */
  readonly series?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface GooglePlayStandin extends Listener {
  readonly control: GooglePlayControl;
}

/**
 * Starts the stand-in for Google: its token endpoint, its certificates, the Play Developer API, and
 * Pub/Sub as it pushes. Everything answers at one origin.
 */
export async function startGooglePlay(options: GooglePlayOptions): Promise<GooglePlayStandin> {
  const now = options.now ?? Date.now;
  const key = options.key ?? newKey();
  const subscription = {
    url: options.pushUrl ?? null,
    audience: options.audience,
    sender: options.sender,
    key,
    minBackoffMs: 100,
    maxBackoffMs: 2_000,
    maxAttempts: 20,
  };
  const pusher = new Pusher(subscription, now);
  const { packageName, account } = options;
  const notify: Notify = (notification) => {
    const eventTimeMillis = String(now());
    const data = { version: '1.0', packageName, eventTimeMillis, ...notification };
    return pusher.publish(JSON.stringify(data));
  };
  const desk: Desk = {
    packageName,
    account,
    shop: new Shop(now, options.series ?? '2222', notify),
    now,
    pageSize: 1_000,
    faults: new ApiFaults(),
    published: [key],
    accessTokens: new Set(),
    requests: [],
  };
  const control = controlOf(desk, pusher, notify);
  const listener = await listen(withControl(control, apiHandler(desk)), options.port);
  const stop = (): Promise<void> => {
    pusher.stop();
    return listener.stop();
  };
  return { ...listener, stop, control };
}
