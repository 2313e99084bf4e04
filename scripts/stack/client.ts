import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore, type DocumentData, type Firestore } from 'firebase-admin/firestore';
import type { AnypayControl } from '../../test/standins/anypay/server.ts';
import type { AppStoreControl } from '../../test/standins/appstore/server.ts';
import { remote, type Remote } from '../../test/standins/control.ts';
import type { CryptomusControl } from '../../test/standins/cryptomus/server.ts';
import type { GooglePlayControl } from '../../test/standins/googleplay/control.ts';
import type { PayeerControl } from '../../test/standins/payeer/server.ts';
import type { PayPalControl } from '../../test/standins/paypal/control.ts';
import type { RetailControl } from '../../test/standins/retail-api.ts';
import type { StripeControl } from '../../test/standins/stripe/control.ts';
import type { WayforpayControl } from '../../test/standins/wayforpay/server.ts';
import { anypay } from './gateways/anypay.ts';
import { appstore } from './gateways/appstore.ts';
import { cryptomus } from './gateways/cryptomus.ts';
import { googleplay } from './gateways/googleplay.ts';
import { payeer } from './gateways/payeer.ts';
import { paypal } from './gateways/paypal.ts';
import { stripe } from './gateways/stripe.ts';
import { wayforpay } from './gateways/wayforpay.ts';
import { runSchedule, sweep } from './schedule.ts';
import type { FirestoreControl } from './stack.ts';
import { functionUrl, origin, ports, PROJECT, readDatabase } from './values.ts';

/** A signed-in user of an app. */
export interface User {
  readonly uid: string;
  /** A Firebase ID token. */
  readonly token: string;
}

/** A signed-in user with an e-mail address. */
export interface StaffUser extends User {
  readonly email: string;
}

/** What a function answered. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** GETs from an address, or DELETEs there; an empty answer is an empty object. */
export async function ask<Body>(
  url: string,
  query: Readonly<Record<string, string>>,
  user: Pick<User, 'token'> | undefined,
  { method = 'GET', headers = {} }: { method?: 'GET' | 'DELETE'; headers?: Record<string, string> },
): Promise<Answer<Body>> {
  const response = await fetch(`${url}?${new URLSearchParams(query).toString()}`, {
    method,
    headers: { ...(user && { authorization: `Bearer ${user.token}` }), ...headers },
  });
  const text = await response.text();
  const body = JSON.parse(text === '' ? '{}' : text) as Body;
  return { status: response.status, headers: response.headers, body };
}

/** The doings of apps, buyers and operators on a running stack. */
export class StackClient {
  readonly stripe: Remote<StripeControl> = remote(origin(stripe.port));
  readonly paypal: Remote<PayPalControl> = remote(origin(paypal.port));
  readonly cryptomus: Remote<CryptomusControl> = remote(origin(cryptomus.port));
  readonly payeer: Remote<PayeerControl> = remote(origin(payeer.port));
  readonly anypay: Remote<AnypayControl> = remote(origin(anypay.port));
  readonly wayforpay: Remote<WayforpayControl> = remote(origin(wayforpay.port));
  readonly appstore: Remote<AppStoreControl> = remote(origin(appstore.port));
  readonly googleplay: Remote<GooglePlayControl> = remote(origin(googleplay.port));
  readonly retail: Remote<RetailControl> = remote(origin(ports.retail));
  /** Of the embedded Firestore; absent where another one is used. */
  readonly firestoreControl: Remote<FirestoreControl> = remote(origin(ports.firestoreControl));
  readonly firestore: Firestore;
  readonly #close: () => Promise<void>;

  constructor(firestoreHost: string) {
    process.env['FIRESTORE_EMULATOR_HOST'] = firestoreHost;
    process.env['METADATA_SERVER_DETECTION'] = 'none';
    const app = initializeApp({ projectId: PROJECT }, randomUUID());
    this.firestore = getFirestore(app, readDatabase());
    this.#close = () => deleteApp(app);
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** A new anonymous user. */
  signIn(): Promise<User> {
    return this.#signUp({});
  }

  /** A new user with a password, whose address is not verified. */
  signInWithPassword(): Promise<User> {
    return this.#signUp({ email: `${randomUUID()}@example.com`, password: randomUUID() });
  }

  /** A new member of the staff: by the document, and by the claim in the token. */
  async signInAsStaff(role: string): Promise<StaffUser> {
    const user = await this.signInWithClaim(role);
    await this.firestore.collection('tn_staff').doc(user.uid).set({ role, added_at: new Date() });
    return user;
  }

  /** A new user with a verified address and a claim that names a role, or another text. */
  async signInWithClaim(staff: string | undefined): Promise<StaffUser> {
    const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    const { uid } = await this.#signUp(credentials);
    await this.#authenticate('projects/demo-temp-number/accounts:update', {
      localId: uid,
      emailVerified: true,
      customAttributes: JSON.stringify({ staff }),
    });
    // The claim is in tokens that are made after it.
    const path = 'accounts:signInWithPassword?key=local';
    const signedIn = await this.#authenticate(path, { ...credentials, returnSecureToken: true });
    return { uid, token: signedIn.idToken, email: credentials.email };
  }

  /** POSTs to a function as an app does. */
  async call<Body>(
    name: string,
    body: object,
    user?: Pick<User, 'token'>,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(functionUrl(name), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(user && { authorization: `Bearer ${user.token}` }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const { status } = response;
    return { status, headers: response.headers, body: (await response.json()) as Body };
  }

  /** Reads from a function as an app does, or deletes. */
  ask<Body>(
    name: string,
    query: Readonly<Record<string, string>> = {},
    user?: Pick<User, 'token'>,
    init: { readonly method?: 'DELETE'; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer<Body>> {
    return ask(functionUrl(name), query, user, init);
  }

  /** The user's rows, in the order they were written. */
  async rows(user: Pick<User, 'uid'>): Promise<DocumentData[]> {
    return (await this.#newest('tn_payments', user))
      .sort((a, b) => a.createTime.toMillis() - b.createTime.toMillis())
      .map((document) => document.data());
  }

  /** The id of the order that the user placed last. */
  async lastOrder(user: Pick<User, 'uid'>): Promise<string> {
    const newest = (await this.#newest('tn_orders', user)).reduce((a, b) => {
      return a.createTime.toMillis() > b.createTime.toMillis() ? a : b;
    });
    return newest.id;
  }

  async parkedEvents(): Promise<DocumentData[]> {
    const found = await this.firestore.collection('tn_parked_events').get();
    return found.docs.map((document) => ({ id: document.id, ...document.data() }));
  }

  /** Runs the scheduled function once. */
  sweep(): Promise<void> {
    return sweep();
  }

  /** Runs any scheduled function once. */
  runSchedule(name: string): Promise<void> {
    return runSchedule(name);
  }

  /** Makes every waiting row due, as time would. */
  async makeDue(user: Pick<User, 'uid'>): Promise<void> {
    const waiting = (await this.rows(user)).filter((row) => row['next_sync_at'] !== undefined);
    for (const { payment_id: id } of waiting) {
      const document = this.firestore.collection('tn_payments').doc(String(id));
      await document.update({ next_sync_at: new Date(0) });
    }
  }

  /** Makes what the user has open in a store due, as time would. */
  async makePendingPurchasesDue(user: Pick<User, 'uid'>): Promise<number> {
    const open = this.firestore.collection('tn_open_purchases').where('uid', '==', user.uid);
    const { docs } = await open.get();
    for (const { ref } of docs) await ref.update({ due_at: new Date(0) });
    return docs.length;
  }

  /** Makes a look into a gateway's list due, as six hours without one would. */
  async makeLookDue(gateway: string): Promise<void> {
    const mark = this.firestore.collection('tn_looks').doc(gateway);
    // Without a mark the first look is due.
    if (!(await mark.get()).exists) return;
    await mark.update({ until: new Date(Date.now() - 6 * 3_600_000) });
  }

  /** Asked for as an app may ask for its user's own, with the index of that query. */
  async #newest(collection: string, { uid }: Pick<User, 'uid'>) {
    const mine = this.firestore.collection(collection).where('uid', '==', uid);
    return (await mine.orderBy('created_at', 'desc').get()).docs;
  }

  async #signUp(credentials: object): Promise<User> {
    const body = { ...credentials, returnSecureToken: true };
    const { localId, idToken } = await this.#authenticate('accounts:signUp?key=local', body);
    return { uid: localId, token: idToken };
  }

  /** Asks the emulator of Firebase Authentication, as its owner. */
  async #authenticate(path: string, body: object): Promise<{ localId: string; idToken: string }> {
    const url = `${origin(ports.auth)}/identitytoolkit.googleapis.com/v1/${path}`;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(path.startsWith('projects/') && { authorization: 'Bearer owner' }),
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { localId: string; idToken: string };
  }
}
