import { StackClient, type User } from '../stack/client.ts';
import type { Stack } from '../stack/stack.ts';
import { anypayScenes } from './anypay.ts';
import { appScenes } from './app.ts';
import { appstoreScenes } from './appstore.ts';
import { cryptomusScenes } from './cryptomus.ts';
import { googleplayScenes } from './googleplay.ts';
import { payeerScenes } from './payeer.ts';
import { paypalScenes } from './paypal.ts';
import type { Scene, Told } from './scene.ts';
import { silenceScenes } from './silence.ts';
import { stripeScenes } from './stripe.ts';
import { ending, heading, line } from './table.ts';
import { wayforpayScenes } from './wayforpay.ts';

const scenes: readonly Scene[] = [
  ...stripeScenes,
  ...paypalScenes,
  ...cryptomusScenes,
  ...payeerScenes,
  ...anypayScenes,
  ...wayforpayScenes,
  ...appstoreScenes,
  ...googleplayScenes,
  ...appScenes,
  ...silenceScenes,
];

/**
 * Plays every scene with one user, whose balance adds up over the story, and prints a line for
 * each. Resolves to whether all of them came out as told, and ledger and balance agree.
 */
export async function tellStory(stack: Pick<Stack, 'firestoreHost'>): Promise<boolean> {
  const client = new StackClient(stack.firestoreHost);
  try {
    const user = await client.signIn();
    const stage = new Stage(client, user);
    console.log(heading);
    let cameOut = true;
    for (const scene of scenes) {
      const told = await stage.play(scene);
      console.log(line(told));
      cameOut &&= told.fault === undefined;
    }
    const { balanceCents, ledgerCents } = await stage.sums();
    console.log(ending(balanceCents, ledgerCents));
    return cameOut && balanceCents === ledgerCents;
  } finally {
    await client.close();
  }
}

class Stage {
  readonly #client: StackClient;
  readonly #user: User;
  readonly #seen = new Set<string>();
  #balanceCents = 0;

  constructor(client: StackClient, user: User) {
    this.#client = client;
    this.#user = user;
  }

  async play(scene: Scene): Promise<Told> {
    const fault = await scene.play(this.#client, this.#user).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const rows = await this.#client.rows(this.#user);
    const fresh = rows.filter((row) => !this.#seen.has(String(row['payment_id'])));
    for (const row of fresh) this.#seen.add(String(row['payment_id']));
    const waiting = rows.filter((row) => row['is_synced'] !== true).length;
    const made = fresh.map((row) => `${String(row['kind'])} ${String(row['amount'])}`);
    const { balanceCents } = await this.sums();
    const change = balanceCents - this.#balanceCents;
    this.#balanceCents = balanceCents;
    const told = { title: scene.title, rows: made, waiting, balanceCents };
    return { ...told, fault: fault ?? faultOf(scene, made, waiting, change) };
  }

  /** What the Retail API says, and what the ledger adds up to. */
  async sums(): Promise<{ balanceCents: number; ledgerCents: number }> {
    const rows = await this.#client.rows(this.#user);
    const ledgerCents = rows.reduce((sum, row) => sum + Number(row['amount']), 0);
    return { balanceCents: (await this.#client.retail.balance(this.#user.uid)) ?? 0, ledgerCents };
  }
}

function faultOf(
  scene: Scene,
  made: readonly string[],
  waiting: number,
  change: number,
): string | undefined {
  const wanted = scene.rows.toSorted().join(', ');
  const got = made.toSorted().join(', ');
  if (got !== wanted) return `rows: wanted [${wanted}], got [${got}]`;
  if (waiting !== (scene.waiting ?? 0)) return `${waiting} rows wait`;
  if (change !== scene.balanceChange) {
    return `balance: wanted ${scene.balanceChange}, moved by ${change}`;
  }
  return undefined;
}
