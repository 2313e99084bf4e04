import { Parkable, Unavailable } from '../../functions/src/errors.ts';
import type {
  AskedPayment,
  Gateway,
  GatewayEvent,
  WebhookRequest,
} from '../../functions/src/gateway.ts';
import { ingest, park, type Pipeline } from '../../functions/src/pipeline.ts';
import { lookThrough } from '../../functions/src/reconcile/history.ts';
import { recheckParked } from '../../functions/src/reconcile/parked.ts';
import {
  ask,
  bookAnswer,
  compare,
  openSecondLook,
} from '../../functions/src/reconcile/second-look.ts';
import type { OwnFirestore } from './own-firestore.ts';
import { pipelineOf } from './second-look.ts';

/** One gateway over its stand-in, whose webhook and second look write into the same books. */
export interface Scene {
  /** The gateway's folder. */
  readonly name: string;
  /** Opened anew for each step, as by another instance. */
  readonly open: (pipeline: Pipeline) => Promise<Gateway<GatewayEvent>> | Gateway<GatewayEvent>;
  /** Every event that the gateway has made so far, oldest first. */
  readonly sent: () => readonly WebhookRequest[];
  /** How the payment is asked about before it has a row; undefined where it cannot be. */
  readonly asked: () => AskedPayment | undefined;
  readonly now: () => Date;
}

/** What happens at the gateway, one step after another. */
export type Story = readonly (() => unknown)[];

/** What our side does after each step, and after the last. */
export interface Course {
  readonly each: readonly Act[];
  readonly last: readonly Act[];
}

type Act = 'events' | 'backwards' | 'list' | 'question' | 'at once';

/** In which order the two ways of hearing may come. */
export const courses: Readonly<Record<string, Course>> = {
  'an event, then the list and a question': { each: ['events', 'list', 'question'], last: [] },
  'the list, then the event': { each: ['list', 'events'], last: [] },
  'a question, then the event': { each: ['question', 'events'], last: [] },
  'all at once': { each: ['at once'], last: [] },
  'the list alone': { each: ['list'], last: [] },
  'questions alone': { each: ['question'], last: [] },
  'at the end the list, then the events': { each: [], last: ['list', 'events'] },
  'at the end a question, the list, the events backwards': {
    each: [],
    last: ['question', 'list', 'backwards'],
  },
};

/** Whether no event is ever heard. */
export function isSilent({ each, last }: Course): boolean {
  const ofLook: readonly Act[] = ['list', 'question'];
  return [...each, ...last].every((act) => ofLook.includes(act));
}

/** Plays a story in one order. Returns the rows, and the reasons of the events that wait for a person. */
export async function play(scene: Scene, story: Story, course: Course, own: OwnFirestore) {
  const stage = new Stage(scene, own);
  for (const step of story) {
    await step();
    for (const act of course.each) await stage.act(act);
  }
  for (const act of course.last) await stage.act(act);
  await stage.recheck();
  return {
    rows: await stage.rows(),
    parked: await stage.parked(),
    differences: await stage.differences(),
  };
}

class Stage {
  readonly #scene: Scene;
  readonly #own: OwnFirestore;
  readonly #pipeline: Pipeline;
  #heard = 0;

  constructor(scene: Scene, own: OwnFirestore) {
    this.#scene = scene;
    this.#own = own;
    const pipeline = pipelineOf(own.firestore, scene.now);
    // No push comes through, and none is waited for.
    this.#pipeline = { ...pipeline, settings: { ...pipeline.settings, pushBudgetMs: 1 } };
  }

  async act(act: Act): Promise<void> {
    if (act === 'at once') await Promise.all([this.#hear(false), this.#list(), this.#ask()]);
    else if (act === 'list') await this.#list();
    else if (act === 'question') await this.#ask();
    else await this.#hear(act === 'backwards');
  }

  /** Two hours later the gateway is asked again about what was parked. */
  async recheck(): Promise<void> {
    if ((await this.parked()).length === 0) return;
    const later = new Date(this.#scene.now().getTime() + 7_200_000);
    const pipeline = { ...this.#pipeline, now: () => later };
    const gateway = await this.#scene.open(pipeline);
    await recheckParked(await openSecondLook(this.#scene.name, gateway, pipeline));
  }

  /** As `kind cents`, sorted. */
  async rows(): Promise<string[]> {
    const rows = await this.#own.all('tn_payments');
    return rows.map(({ kind, amount }) => `${String(kind)} ${String(amount)}`).sort();
  }

  async parked(): Promise<string[]> {
    const parked = await this.#own.all('tn_parked_events');
    return parked
      .filter((one) => one['resolved_at'] === undefined)
      .map(({ reason, message }) => `${String(reason)} ${String(message)}`);
  }

  /** What the gateway says of each payment that has a row, compared with all its rows. */
  async differences() {
    const look = await this.#look();
    const found = [];
    for (const row of await this.#own.all('tn_payments')) {
      if (row['parent_id'] !== null) continue;
      const root = String(row['payment_id']);
      const orderId = typeof row['order_id'] === 'string' ? row['order_id'] : null;
      const asked = { orderId, ref: null, paymentId: root.slice(this.#scene.name.length + 1) };
      found.push(...(await compare(look, [root], await ask(look, asked))).differences);
    }
    return found;
  }

  /** Events that the gateway must send again come after the others. */
  async #hear(backwards: boolean): Promise<void> {
    const fresh = this.#scene.sent().slice(this.#heard);
    this.#heard += fresh.length;
    let waiting = backwards ? fresh.toReversed() : fresh;
    for (let tries = 0; tries < 2; tries += 1) {
      const again: WebhookRequest[] = [];
      for (const request of waiting) if (!(await this.#take(request))) again.push(request);
      waiting = again;
    }
  }

  /** As `http/webhook.ts` does; false when the gateway must send it again. */
  async #take(request: WebhookRequest): Promise<boolean> {
    const gateway = await this.#scene.open(this.#pipeline);
    const event = await gateway.verify(request);
    const report = { gateway: this.#scene.name, event: gateway.trace?.(event) ?? event };
    const options = { payment: gateway.subjectOf?.(report.event) };
    try {
      await ingest(this.#pipeline, report, await gateway.movements(event), options);
    } catch (error) {
      if (error instanceof Unavailable) return false;
      if (!(error instanceof Parkable)) throw error;
      await park(this.#pipeline, report, error, options);
    }
    return true;
  }

  /** A look that is due, and whose span all of the story is in. */
  async #list(): Promise<void> {
    const { name, now } = this.#scene;
    const look = await this.#look();
    const { history } = look.gateway;
    if (history === undefined) throw new Error('the gateway lists nothing');
    const mark = this.#own.firestore.collection('tn_looks').doc(name);
    const until = new Date(now().getTime() - history.everyMs);
    await mark.set({ until, span_ms: 86_400_000 });
    await lookThrough(look);
    const { until: moved } = (await this.#own.read(mark.path)) as { until: { toDate(): Date } };
    expect(moved.toDate().getTime()).toBeGreaterThan(until.getTime());
  }

  async #ask(): Promise<void> {
    const asked = this.#scene.asked();
    if (asked === undefined) return;
    const look = await this.#look();
    await bookAnswer(look, asked, await ask(look, asked));
  }

  async #look() {
    const gateway = await this.#scene.open(this.#pipeline);
    return openSecondLook(this.#scene.name, gateway, this.#pipeline);
  }
}
