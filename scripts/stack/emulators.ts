import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcessGroup, type ProcessGroup } from './process-group.ts';
import { PROJECT, REGION, type Values } from './values.ts';

/**
 * The emulators run from a folder of their own with links to the functions: the values they are
 * given, and those they write, never meet the developer's own files.
 */
const FOLDER = '.stack';
export const EMULATOR_LOG = join(FOLDER, 'emulators.log');

const PARAMETERS = join(FOLDER, 'functions', '.env.local');
const SECRETS = join(FOLDER, 'functions', '.secret.local');

const READY_WITHIN_MS = 120_000;

export interface Emulators {
  stop(): Promise<void>;
}

/**
 * Starts the official Functions, Auth and Hosting emulators; resolves when all answer.
 * @throws once they have ended, when the signal aborts before.
 */
export async function startEmulators(
  values: Values,
  firestoreHost: string,
  signal: AbortSignal,
): Promise<Emulators> {
  prepareFolder(values);
  const group = startProcessGroup({
    command: process.execPath,
    args: [
      resolve('node_modules/firebase-tools/lib/bin/firebase.js'),
      'emulators:start',
      `--project=${PROJECT}`,
      '--only=functions,auth,hosting',
    ],
    cwd: FOLDER,
    env: { ...offline, FIRESTORE_EMULATOR_HOST: firestoreHost },
    log: EMULATOR_LOG,
  });
  try {
    await ready(group, signal);
  } catch (error) {
    // They keep nothing that is worth the seconds in which they end of their own accord.
    await group.stop('SIGKILL');
    throw error;
  }
  return { stop: () => group.stop('SIGINT') };
}

/** Nothing outside is asked for: no update, no metadata server of a cloud machine. */
const offline = { CI: 'true', NO_UPDATE_NOTIFIER: '1', METADATA_SERVER_DETECTION: 'none' };

function prepareFolder(values: Values): void {
  const functions = join(FOLDER, 'functions');
  rmSync(functions, { recursive: true, force: true });
  mkdirSync(functions, { recursive: true });
  for (const name of ['lib', 'node_modules', 'package.json']) {
    symlinkSync(resolve('functions', name), join(functions, name));
  }
  const {
    emulators,
    functions: deployed,
    hosting,
  } = JSON.parse(readFileSync('firebase.json', 'utf8')) as {
    emulators: object;
    functions: { source: string; codebase: string; runtime: string }[];
    hosting: { public: string; rewrites: readonly object[] };
  };
  rmSync(join(FOLDER, hosting.public), { force: true });
  symlinkSync(resolve(hosting.public), join(FOLDER, hosting.public));
  const config = {
    functions: deployed.map(({ source, codebase, runtime }) => ({ source, codebase, runtime })),
    // A deployment takes the region of the function itself; the emulator has to be told.
    hosting: {
      ...hosting,
      rewrites: hosting.rewrites.map((rewrite) => ({ ...rewrite, region: REGION })),
    },
    emulators,
  };
  writeFileSync(join(FOLDER, 'firebase.json'), JSON.stringify(config));
  writeFileSync(PARAMETERS, envFile(values.parameters));
  writeFileSync(SECRETS, envFile(values.secrets), { mode: 0o600 });
}

/**
 * The parameters and secrets that the functions were given when the stack came up last. Some keys are
 * made anew each time, so another process has to ask for them here.
 * @throws when the stack was never up.
 */
export function givenVariables(): Record<string, string> {
  if (!existsSync(SECRETS)) throw new Error('The stack is not up: npm run stack.');
  return { ...readEnvFile(PARAMETERS), ...readEnvFile(SECRETS) };
}

function envFile(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${lines.join('\n')}\n`;
}

/** Reads a file of `envFile`. Values are JSON, and Node's own parser leaves their quotes escaped. */
function readEnvFile(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const values = lines.map((line) => {
    const end = line.indexOf('=');
    return [line.slice(0, end), JSON.parse(line.slice(end + 1)) as string] as const;
  });
  return Object.fromEntries(values);
}

async function ready(group: ProcessGroup, signal: AbortSignal): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (group.output().includes('All emulators ready')) return;
    if (group.hasEnded()) throw new Error(`the emulators did not start\n${group.lastLines()}`);
    await delay(100, undefined, { signal });
  }
  const seconds = READY_WITHIN_MS / 1000;
  throw new Error(`the emulators are not ready after ${seconds} s\n${group.lastLines()}`);
}
