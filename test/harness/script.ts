import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A script's end: what it printed and its exit code. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of `scripts/` as a person would, and waits for its end. */
export async function runScript(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Ended> {
  const env = { ...process.env, ...environment };
  try {
    const done = await promisify(execFile)(process.execPath, [script, ...args], { env });
    return { code: 0, ...done };
  } catch (error) {
    return error as Ended;
  }
}
