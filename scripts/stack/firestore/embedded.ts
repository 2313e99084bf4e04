import { join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync, type Options } from '@grpc/proto-loader';
import { assertPortFree } from '../ports.ts';
import { listenOn, SharedPort } from './port.ts';
import { Rest } from './rest.ts';
import { FirestoreService } from './service.ts';
import { Traffic } from './traffic.ts';

/** Largest request Firestore takes, in bytes. */
const MAX_REQUEST = 10 * 1024 * 1024;

/** A local Firestore for any project and database. Arguments and results are plain JSON. */
export interface FirestoreServer {
  /** Value for FIRESTORE_EMULATOR_HOST, as in `127.0.0.1:8080`. */
  readonly host: string;
  /** Number of calls since the start or the last reset, by RPC (`Commit`, `RunQuery`). */
  rpcs(): Readonly<Record<string, number>>;
  resetRpcs(): void;
  /** Deletes all documents; open transactions can no longer commit. */
  clear(): void;
  /**
   * While on, takes connections and calls but answers none. Once off, serves those calls that
   * their clients have not given up.
   */
  hang(on: boolean): void;
  /** Refuses the `number`th call from now and no other; clients repeat no write. 0: none. */
  refuse(number: number): void;
  /** Ends all connections and frees the port. */
  stop(): Promise<void>;
}

/** Starts an in-memory Firestore that speaks gRPC and REST on 127.0.0.1; port 0 stands for a free one. */
export async function startEmbeddedFirestore(options: { port: number }): Promise<FirestoreServer> {
  await assertPortFree(options.port);
  const service = new FirestoreService();
  const traffic = new Traffic();
  const server = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST,
    interceptors: [traffic.interceptor],
  });
  server.addService(loadDefinition(), service.implementation);
  const grpc = await listen(server, 0);
  const rest = new Rest(loadDefinition({ bytes: String }), `127.0.0.1:${grpc}`);
  const shared = new SharedPort({ grpc, rest: await listenOn(rest.server, 0) });
  const port = await shared.listen(options.port);
  return {
    host: `127.0.0.1:${port}`,
    rpcs: () => traffic.counts(),
    resetRpcs: () => {
      traffic.resetCounts();
    },
    clear: () => {
      service.clear();
    },
    hang: (on) => {
      traffic.hang(on);
    },
    refuse: (number) => {
      traffic.refuse(number);
    },
    stop: async () => {
      rest.stop();
      await shared.stop();
      await stop(server);
    },
  };
}

function loadDefinition(options: Options = {}): ServiceDefinition {
  const protos = join(process.cwd(), 'node_modules/@google-cloud/firestore/build/protos');
  const definition = loadSync('google/firestore/v1/firestore.proto', {
    includeDirs: [protos],
    longs: String,
    ...options,
    enums: String,
  });
  return definition['google.firestore.v1.Firestore'] as ServiceDefinition;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}

function stop(server: Server): Promise<void> {
  server.forceShutdown();
  return new Promise((resolve) => {
    // Reports only that the forced shutdown, which waits for nothing, is through.
    server.tryShutdown(() => {
      resolve();
    });
  });
}
