import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import initialiseProject from 'firebase-functions-test';
import { setEnvironment } from './environment.ts';

type DeployedFunction = Parameters<typeof http>[1] & {
  run?(event: { scheduleTime: string }): unknown;
};

/** The deployed functions in this process, each behind the server that production runs it on. */
export interface ServedFunctions {
  /** Where a function answers; its server is started on the first call. */
  url(name: string): Promise<string>;
  /** Runs a scheduled function as the platform would. */
  runSchedule(name: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Loads `index.ts` anew under the given variables. Firestore is the one that the environment
 * names; everything else outside is what the variables point to.
 */
export async function serveFunctions(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ServedFunctions> {
  // Nothing outside is asked for: no metadata server of a cloud machine.
  setEnvironment({ METADATA_SERVER_DETECTION: 'none', ...environment });
  const project = initialiseProject({ projectId: 'demo-temp-number' });
  jest.resetModules();
  const groups = (await import('../../functions/src/index.ts')) as unknown as Record<
    string,
    Record<string, DeployedFunction>
  >;
  const find = (name: string): DeployedFunction => {
    const [group = '', entry = ''] = name.split('-');
    const found = groups[group]?.[entry];
    if (found === undefined) throw new Error(`no function ${name}`);
    return found;
  };
  // Kept while they start: calls at once share one server.
  const servers = new Map<string, Promise<Server>>();
  return {
    async url(name) {
      const starting = servers.get(name) ?? serve(name, find(name));
      servers.set(name, starting);
      return `http://127.0.0.1:${((await starting).address() as AddressInfo).port}/${name}`;
    },
    async runSchedule(name) {
      await find(name).run?.({ scheduleTime: new Date().toISOString() });
    },
    async stop() {
      for (const server of await Promise.all(servers.values())) {
        server.closeAllConnections();
        server.close();
      }
      project.cleanup();
    },
  };
}

async function serve(name: string, handler: DeployedFunction): Promise<Server> {
  http(name, handler);
  const server = getTestServer(name).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
