import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const children: Run[] = [];

export interface RunOptions {
  /** Node, unless told otherwise. */
  readonly command?: string;
  readonly cwd?: string;
  /** What it reads from its standard input; nothing, unless told otherwise. */
  readonly input?: string;
  /** Whether it has the variables of this process beside those that it is given, as by default. */
  readonly inherits?: boolean;
}

/** A script as a person runs it in a terminal: Ctrl-C reaches it and all that it started there. */
export class Run {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    options: RunOptions = {},
  ) {
    const { command = process.execPath, cwd, input, inherits = true } = options;
    const inherited = inherits ? { ...process.env, FIRESTORE_EMULATOR_HOST: undefined } : {};
    this.#child = spawn(command, args, {
      cwd,
      detached: true,
      env: { ...inherited, ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin?.end(input);
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#exit = once(this.#child, 'close');
    children.push(this);
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async exitCode(): Promise<number | null> {
    await this.#exit;
    return this.#child.exitCode;
  }

  /** Resolves once it has printed the text. */
  async prints(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      if (this.hasEnded) throw new Error(`ended without ${text}:\n${this.stdout}${this.stderr}`);
      await delay(50);
    }
  }

  interrupt(): void {
    process.kill(-this.pid, 'SIGINT');
  }
}

/** Ends every run that has not ended by itself. */
export async function endRuns(): Promise<void> {
  for (const run of children.splice(0)) {
    if (!run.hasEnded) run.interrupt();
    await run.exitCode();
  }
}
