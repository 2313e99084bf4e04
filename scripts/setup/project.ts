import { examine, type Finding } from '../doctor/examine.ts';
import type { Setting } from '../doctor/examples.ts';
import { readDeployment, readSwitches } from '../doctor/parts.ts';
import { readKeptSecret } from '../reconcile/configuration.ts';
import type { Answers } from './answers.ts';

/** A value that the operator has given, and the one that was there. */
export interface Change {
  readonly setting: Setting;
  readonly value: string;
  readonly before: string | undefined;
  /** A secret that could not be read: a value may be there. */
  readonly isUnread: boolean;
}

/** What is asked in any case. */
const FIRST = ['PAYMENTS_MODE', 'FUNCTIONS_REGION'];
/** A wrong answer is asked for again. */
const MOST_TRIES = 3;

/**
 * The questions of `npm run setup`: which gateways, and then every setting that the doctor finds wrong.
 * The answers are put into `process.env`, where the code of the functions reads them.
 */
export class Interview {
  readonly #settings: readonly Setting[];
  readonly #answers: Answers;
  readonly #suggest: (setting: Setting) => string | undefined;
  /** The values of the project, by name; a secret's once it was read. */
  readonly #before = new Map<string, string | undefined>();
  readonly #tries = new Map<string, number>();
  readonly #given = new Set<string>();
  /** Secrets that were looked up, and those of them that could not be read. */
  readonly #read = new Set<string>();
  readonly #unread = new Set<string>();

  /** @param suggest a value for a setting that follows from others, such as an address. */
  constructor(
    settings: readonly Setting[],
    answers: Answers,
    suggest: (setting: Setting) => string | undefined,
  ) {
    this.#settings = settings;
    this.#answers = answers;
    this.#suggest = suggest;
    for (const { name } of settings) this.#before.set(name, process.env[name]);
  }

  /**
   * Asks until the doctor finds nothing more to ask about.
   * @throws Error that names each setting whose answer does not fit, in the doctor's words.
   */
  async run(): Promise<readonly Change[]> {
    await this.#chooseGateways();
    for (const setting of this.#settings) {
      const now = process.env[setting.name];
      const isFirst = FIRST.includes(setting.name);
      if (isFirst) await this.#ask(setting, now === undefined ? 'is not set' : `is ${now}`, now);
      else if (this.#answers.names.includes(setting.name)) await this.#ask(setting, 'is answered');
    }
    // An answer may show another setting to be wrong, so all are read again after each.
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await this.#ask(next.setting, next.cause, this.#suggest(next.setting));
    }
    const wrong = this.#findings().filter(({ name }) => this.#given.has(name));
    if (wrong.length > 0) {
      const lines = wrong.map(({ name, words }) => `${name} ${words}`);
      throw new Error(['Nothing was changed:', ...lines].join('\n  '));
    }
    return this.#settings.flatMap((setting): Change[] => {
      const value = process.env[setting.name];
      const before = this.#before.get(setting.name);
      const isUnread = this.#unread.has(setting.name);
      const isSame = value === undefined || value === before;
      return isSame ? [] : [{ setting, value, before, isUnread }];
    });
  }

  async #ask(setting: Setting, cause: string, suggestion?: string): Promise<void> {
    const { name, purpose, isSecret } = setting;
    if (isSecret) this.#readSecret(name);
    this.#tries.set(name, (this.#tries.get(name) ?? 0) + 1);
    const value = await this.#answers.answer({ name, purpose, cause, suggestion, isSecret });
    if (value === undefined) {
      // Not now: it is not asked for again.
      this.#tries.set(name, MOST_TRIES);
      return;
    }
    this.#given.add(name);
    process.env[name] = value;
  }

  #next(): { setting: Setting; cause: string } | undefined {
    for (const { name, words } of this.#findings()) {
      const setting = this.#settings.find((one) => one.name === name);
      const mayAsk = (this.#tries.get(name) ?? 0) < MOST_TRIES;
      if (setting !== undefined && mayAsk) return { setting, cause: words };
    }
    return undefined;
  }

  /** What the doctor finds wrong, or cannot see. */
  #findings(): readonly Finding[] {
    const { parts, secrets } = readDeployment(this.#settings);
    const unseen = secrets.filter((name) => {
      if (process.env[name] === undefined) this.#readSecret(name);
      return process.env[name] === undefined;
    });
    return examine(parts, process.env, new Set(unseen))
      .flatMap(({ findings }) => findings)
      .filter(({ state }) => state !== 'ok');
  }

  /** Brings a secret of the project into the environment, once. */
  #readSecret(name: string): void {
    if (process.env[name] !== undefined || this.#before.get(name) !== undefined) return;
    if (this.#read.has(name)) return;
    this.#read.add(name);
    try {
      const value = readKeptSecret(name);
      this.#before.set(name, value);
      if (value !== undefined) process.env[name] = value;
    } catch {
      this.#unread.add(name);
    }
  }

  /** A gateway that was on and is not chosen drains: its old payments may still be refunded. */
  async #chooseGateways(): Promise<void> {
    const switches = readSwitches(this.#settings);
    const isOn = (variable: string) => process.env[variable]?.trim() === 'true';
    const on = switches.filter(({ variable }) => isOn(variable)).map(({ gateway }) => gateway);
    const names = switches.map(({ gateway }) => gateway).join(', ');
    const answer = await this.#answers.answer({
      name: 'GATEWAYS',
      cause: 'are to be chosen',
      purpose: `Comma-separated: ${names}. One that was on and is not named drains.`,
      suggestion: on.join(','),
      isSecret: false,
    });
    const chosen = (answer ?? '').split(',').flatMap((name) => name.trim() || []);
    const strange = chosen.filter((name) => !switches.some(({ gateway }) => gateway === name));
    if (strange.length > 0) {
      throw new Error(
        `Nothing was changed:\n  GATEWAYS has ${strange.join(', ')}; there are ${names}`,
      );
    }
    for (const { gateway, variable } of switches) {
      if (chosen.includes(gateway)) process.env[variable] = 'true';
      else if (isOn(variable)) process.env[variable] = 'draining';
    }
  }
}
