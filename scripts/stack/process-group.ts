import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessGroupOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The file it writes to; a pipe would stop it whenever this process is too busy to read. */
  readonly log: string;
}

/** A program and all that it starts: emulators leave processes of their own behind. */
export interface ProcessGroup {
  hasEnded(): boolean;
  output(): string;
  /** The end of its output, for an error. */
  lastLines(): string;
  /** Asks it to end, then makes it; resolves when no process of the group is left. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Milliseconds a program may take to end of its own accord. */
const STOP_LIMIT = 10_000;

/** Starts a program in a group of its own, which Ctrl-C does not reach: we end it in order. */
export function startProcessGroup(options: ProcessGroupOptions): ProcessGroup {
  const { command, args, cwd, env, log } = options;
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'w');
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  let failure = '';
  child.on('error', (error) => {
    failure = error.message;
  });
  const endWithUs = () => signalled(child.pid, 'SIGKILL');
  process.once('exit', endWithUs);
  const output = () => readFileSync(log, 'utf8') + failure;
  return {
    hasEnded: () => failure !== '' || child.exitCode !== null || child.signalCode !== null,
    output,
    lastLines: () => output().trimEnd().split('\n').slice(-20).join('\n'),
    stop: async (signal) => {
      await ended(child.pid, signal);
      process.off('exit', endWithUs);
    },
  };
}

async function ended(pid: number | undefined, signal: NodeJS.Signals): Promise<void> {
  for (const next of [signal, 'SIGKILL'] as const) {
    const deadline = Date.now() + STOP_LIMIT;
    let left = signalled(pid, next);
    while (left && Date.now() < deadline) {
      await delay(20);
      left = signalled(pid, 0);
    }
    if (!left) return;
  }
}

/** Whether the group still had a process to signal; signal 0 only asks. */
function signalled(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}
