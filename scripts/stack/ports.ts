import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

/**
 * Rejects unless a server could listen on that port of 127.0.0.1. The error begins with
 * `port <n> is taken` and says by which program, as far as the machine tells it, and what to do.
 */
export async function assertPortFree(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new Error(`port ${port} is taken${await byWhom(port)}`, { cause: error });
  }
  probe.close();
  await once(probe, 'close');
}

async function byWhom(port: number): Promise<string> {
  const pid = await holderOf(port);
  if (pid === undefined) {
    return `: end the program that listens there, then start again (lsof -i :${port} may name it)`;
  }
  const command = (await output('ps', '-o', 'args=', '-p', pid)).trim();
  if (/scripts\/(start|stack)\.ts/.test(command)) {
    return ` by a stack that is up already, or coming up (process ${pid}): use that one, or end it with Ctrl-C where it runs`;
  }
  return ` by process ${pid} (${command}): end it, or wait for its end, then start again`;
}

/** The process that listens on a port. Most machines have one of the two programs. */
async function holderOf(port: number): Promise<string | undefined> {
  const found =
    (await output('lsof', '-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp')) ||
    (await output('ss', '-Hltnp', `sport = :${port}`));
  return /(?:^p|pid=)(\d+)/m.exec(found)?.[1];
}

/** What a program prints; nothing where it is not there, or fails. */
function output(command: string, ...args: readonly string[]): Promise<string> {
  return promisify(execFile)(command, args).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
