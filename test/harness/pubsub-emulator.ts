import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The jar of the Pub/Sub emulator that the Google Cloud CLI has installed, or why there is none. */
export function findPubsubEmulator(): { jar: string } | { reason: string } {
  if (output('java', ['-version']) === undefined) return { reason: 'Java is not here' };
  const root = output('gcloud', ['info', '--format=value(installation.sdk_root)']);
  if (root === undefined) return { reason: 'the Google Cloud CLI is not here' };
  const folder = join(root, 'platform', 'pubsub-emulator', 'lib');
  const [jar] = globSync(join(folder, 'cloud-pubsub-emulator-*.jar'));
  return jar === undefined ? { reason: 'gcloud has no Pub/Sub emulator' } : { jar };
}

export interface PubsubEmulator {
  /** As in PUBSUB_EMULATOR_HOST. */
  readonly host: string;
  stop(): Promise<void>;
}

/** Rejects when it has ended before it listens. */
export async function startPubsubEmulator(jar: string): Promise<PubsubEmulator> {
  const port = await freePort();
  const child = spawn('java', ['-jar', jar, '--host=127.0.0.1', `--port=${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const listening = new Promise<void>((resolve) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        if (line.includes('Server started')) resolve();
      });
    }
  });
  const died = ended.then(() => Promise.reject(new Error('the Pub/Sub emulator has ended')));
  died.catch(() => undefined);
  await Promise.race([listening, died]);
  return { host: `127.0.0.1:${port}`, stop };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function output(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}
