import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** How a connection over HTTP/2 begins, which is gRPC's. */
const PREFACE = 'PRI';

/** One port for gRPC and for REST, as Google's emulator has it: passes each connection on to its server. */
export class SharedPort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(ports: { readonly grpc: number; readonly rest: number }) {
    this.#server = createServer({ noDelay: true }, (client) => {
      this.#keep(client);
      client.once('data', (first) => {
        const isGrpc = first.toString('latin1', 0, PREFACE.length) === PREFACE;
        const port = isGrpc ? ports.grpc : ports.rest;
        const server = this.#keep(connect({ host: '127.0.0.1', port, noDelay: true }));
        server.write(first);
        pipeline(client, server, client, () => undefined);
      });
    });
  }

  /** @returns the port; 0 stands for a free one. */
  listen(port: number): Promise<number> {
    return listenOn(this.#server, port);
  }

  /** Ends all connections and frees the port. */
  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    return socket;
  }
}

/** Has a server listen on 127.0.0.1. @returns the port; 0 stands for a free one. */
export function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
