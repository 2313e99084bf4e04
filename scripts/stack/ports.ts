import { once } from 'node:events';
import { createServer } from 'node:net';

/** Rejects with `port <n> is taken` unless a server could listen on that port of 127.0.0.1. */
export async function assertPortFree(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new Error(`port ${port} is taken`, { cause: error });
  }
  probe.close();
  await once(probe, 'close');
}
