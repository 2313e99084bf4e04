import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { origin, ports, PROJECT, type Values } from './values.ts';

/**
 * The emulators run from a folder of their own with links to the functions: the values they are
 * given, and those they write, never meet the developer's own files.
 */
const FOLDER = '.stack';
export const EMULATOR_LOG = join(FOLDER, 'emulators.log');

const READY_WITHIN_MS = 120_000;

export interface Emulators {
  stop(): Promise<void>;
}

/** Starts the official Functions and Auth emulators; resolves when both answer. */
export async function startEmulators(values: Values, firestoreHost: string): Promise<Emulators> {
  prepareFolder(values);
  const output = openSync(EMULATOR_LOG, 'w');
  const child = spawn(
    process.execPath,
    [
      resolve('node_modules/firebase-tools/lib/bin/firebase.js'),
      'emulators:start',
      `--project=${PROJECT}`,
      '--only=functions,auth',
    ],
    {
      cwd: FOLDER,
      // A group of its own: Ctrl-C reaches us alone, and we end it in order.
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...offline, FIRESTORE_EMULATOR_HOST: firestoreHost },
    },
  );
  closeSync(output);
  const endWithUs = () => {
    signalGroup(child, 'SIGKILL');
  };
  process.once('exit', endWithUs);
  const stop = async () => {
    await end(child);
    process.off('exit', endWithUs);
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
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
  const { emulators, functions: deployed } = JSON.parse(readFileSync('firebase.json', 'utf8')) as {
    emulators: object;
    functions: { source: string; codebase: string; runtime: string }[];
  };
  const config = {
    functions: deployed.map(({ source, codebase, runtime }) => ({ source, codebase, runtime })),
    emulators,
  };
  writeFileSync(join(FOLDER, 'firebase.json'), JSON.stringify(config));
  writeFileSync(join(functions, '.env.local'), envFile(values.parameters));
  writeFileSync(join(functions, '.secret.local'), envFile(values.secrets), { mode: 0o600 });
}

function envFile(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${lines.join('\n')}\n`;
}

async function ready(child: ChildProcess): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the emulators did not start\n${lastLines()}`);
    if (log().includes('All emulators ready')) return;
    await delay(100);
  }
  throw new Error(`the emulators are not ready after ${READY_WITHIN_MS / 1000} s\n${lastLines()}`);
}

function log(): string {
  return existsSync(EMULATOR_LOG) ? readFileSync(EMULATOR_LOG, 'utf8') : '';
}

function lastLines(): string {
  return log().trimEnd().split('\n').slice(-15).join('\n');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    signalGroup(child, 'SIGINT');
    await Promise.race([ended, delay(10_000, undefined, { ref: false })]);
  }
  // The workers of the functions outlive their parent for a moment.
  signalGroup(child, 'SIGKILL');
  await portsAreFree();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended already.
  }
}

async function portsAreFree(): Promise<void> {
  for (const port of [ports.functions, ports.auth, ports.hub, ports.logging]) {
    while (await answers(port)) await delay(50);
  }
}

async function answers(port: number): Promise<boolean> {
  return fetch(origin(port)).then(
    () => true,
    () => false,
  );
}
