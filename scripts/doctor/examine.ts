import type { ConfigReader, Environment } from '../../functions/src/config/environment.ts';
import type { Setting } from './examples.ts';

/** What is found of one setting. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'wrong' | 'unseen';
  /** Where it is ok: whether it was set, or has its default. Else the cause. */
  readonly words: string;
  /** What to do; absent where it is ok. */
  readonly fix?: string;
}

/** A part of the configuration: a gateway, or what all functions share. */
export interface Part {
  readonly title: string;
  readonly settings: readonly Setting[];
  readonly readers: readonly ConfigReader[];
}

export interface Examined {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/**
 * Reads the configuration with the code that the functions use, and says of each setting whether it is
 * right. A fault stands where its setting stands, whichever part has found it.
 * @param unseen the names of secrets that could not be read from here: nothing is said of them.
 * @param strays the names of settings that only the operator's environment has: no deployment takes them.
 */
export function examine(
  parts: readonly Part[],
  environment: Environment,
  unseen: ReadonlySet<string>,
  strays: readonly string[] = [],
): readonly Examined[] {
  const faults = new Map(
    strays.map((name) => [name, 'is taken from your environment, and not deployed']),
  );
  for (const reader of parts.flatMap(({ readers }) => readers)) {
    for (const [name, cause] of faultsOf(reader, environment)) {
      if (!faults.has(name)) faults.set(name, cause);
    }
  }
  const examined = parts.map(({ title, settings }) => ({
    title,
    findings: settings.map((setting) => toFinding(setting, environment, faults, unseen)),
  }));
  const named = new Set(parts.flatMap(({ settings }) => settings.map(({ name }) => name)));
  const others = [...faults].filter(([name]) => !named.has(name));
  if (others.length === 0) return examined;
  const findings = others.map(([name, words]): Finding => ({ name, state: 'wrong', words }));
  return [...examined, { title: 'Others', findings }];
}

function toFinding(
  setting: Setting,
  environment: Environment,
  faults: ReadonlyMap<string, string>,
  unseen: ReadonlySet<string>,
): Finding {
  const { name } = setting;
  if (unseen.has(name)) {
    return { name, state: 'unseen', words: 'could not be read from here', fix: fixOf(setting) };
  }
  const value = environment[name];
  const cause = faults.get(name) ?? oddity(setting, value);
  if (cause !== undefined) return { name, state: 'wrong', words: cause, fix: fixOf(setting) };
  return { name, state: 'ok', words: isSet(value) ? 'set' : 'not set, as it may be' };
}

/** The settings that a reader refuses, each with the cause, in its own words. */
function faultsOf(reader: ConfigReader, environment: Environment): [string, string][] {
  try {
    reader(environment);
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, text = message] = /^Configuration: (.*)$/s.exec(message) ?? [];
    return text.split('; ').map((fault) => {
      const [, name = 'configuration', cause = fault] =
        /^([A-Z][A-Z0-9_]*) (.+)$/.exec(fault) ?? [];
      return [name, cause];
    });
  }
}

/** A fault that no schema refuses: a secret of one line has no white space inside. */
function oddity({ isSecret }: Setting, value: string | undefined): string | undefined {
  const text = value?.trim() ?? '';
  if (!isSecret || text === '' || /^(\{|-----BEGIN)/.test(text)) return undefined;
  return /\s/.test(text) ? 'has a line break or a space in it' : undefined;
}

function isSet(value: string | undefined): boolean {
  return (value?.trim() ?? '') !== '';
}

function fixOf({ name, purpose, isSecret }: Setting): string {
  const how = isSecret
    ? `npx firebase functions:secrets:set ${name}`
    : `set ${name} in functions/.env`;
  return `${how}. ${purpose}`;
}
