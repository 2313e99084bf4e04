import { parseArgs, type ParseArgsOptionDescriptor } from 'node:util';
import { readExamples } from '../doctor/examples.ts';
import { configureProject } from '../reconcile/configuration.ts';
import type { Place } from './addresses.ts';

export interface Command extends Place {
  readonly replace: boolean;
}

/** Told of each step as it is done. */
export type Report = (line: string) => void;

/** How an operator names a project, and a domain of Firebase Hosting. */
export const PROJECT_ID = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
export const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** The options of a command: those with a value by their form, those without one by name. */
interface Options<Required extends string, Optional extends string, Flag extends string> {
  readonly required: Readonly<Record<Required, RegExp>>;
  readonly optional?: Readonly<Record<Optional, RegExp>>;
  readonly flags?: readonly Flag[];
}

/**
 * Reads the options of a command. Where one is missing, malformed or unknown, the usage is printed, and
 * the process ends with 2.
 */
export function readOptions<R extends string, O extends string = never, F extends string = never>(
  usage: string,
  { required, optional, flags }: Options<R, O, F>,
): (Record<R, string> & Partial<Record<O, string>> & Partial<Record<F, boolean>>) | undefined {
  const forms: Readonly<Record<string, RegExp>> = { ...required, ...optional };
  const options = Object.fromEntries<ParseArgsOptionDescriptor>([
    ...Object.keys(forms).map((name) => [name, { type: 'string' }] as const),
    ...(flags ?? []).map((name) => [name, { type: 'boolean' }] as const),
  ]);
  try {
    const values = parseArgs({ options }).values as Record<string, string | boolean | undefined>;
    const wrong = Object.entries(forms).filter(([name, form]) => {
      const value = values[name];
      return value === undefined ? name in required : !form.test(String(value));
    });
    if (wrong.length === 0) return values as ReturnType<typeof readOptions<R, O, F>>;
    console.error(`Missing or malformed: ${wrong.map(([name]) => `--${name}`).join(', ')}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
  console.error(`\n${usage}`);
  process.exitCode = 2;
  return undefined;
}

/**
 * Takes settings out of the environment: what the operator's shell has is not what the project has.
 * @param secret one that the command takes from there, as its usage says.
 */
export function forgetSettings(secret?: string): void {
  for (const { name } of readExamples()) {
    if (name !== secret) Reflect.deleteProperty(process.env, name);
  }
}

interface Registration {
  readonly gateway: string;
  /** Taken from the environment, where it is set. */
  readonly secret: string;
  readonly mayReplace: boolean;
}

/**
 * Runs a command that registers a gateway's webhook, configured as the functions of the project.
 * Ends the process with 2 for wrong arguments, with 1 for a failure.
 */
export async function runCommand(
  usage: string,
  { gateway, secret, mayReplace }: Registration,
  run: (command: Command, report: Report) => Promise<void>,
): Promise<void> {
  const given = readOptions(usage, {
    required: { project: PROJECT_ID },
    optional: { domain: DOMAIN },
    flags: mayReplace ? ['replace'] : [],
  });
  if (given === undefined) return;
  const { project, domain = `${project}.web.app`, replace = false } = given;
  const report = (line: string) => {
    console.log(`  ${line}`);
  };
  try {
    forgetSettings(secret);
    configureProject(project);
    const variable = `${gateway.toUpperCase()}_ENABLED`;
    if (!['true', 'draining'].includes(process.env[variable]?.trim() ?? '')) {
      report(`off        ${variable} is not true: events are refused until it is, and deployed`);
    }
    await run({ project, domain, replace }, report);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
