import { createServer } from 'node:http';
import { connect, Socket, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { listen, type Handler } from '../http.ts';
import { issue } from '../x509/authority.ts';

/** A proxy that answers in the name of every host. */
export interface HostProxy {
  /** For `HTTPS_PROXY`. */
  readonly url: string;
  /** The authority of its certificates, as PEM, for `NODE_EXTRA_CA_CERTS`. */
  readonly authority: string;
  stop(): Promise<void>;
}

/**
 * Starts an HTTPS proxy on the loopback address. It opens no connection to the outside: each host that
 * a client asks for is played by `handler`, which finds its name in the header `host`. So a program
 * that has Google's addresses built in runs as it is, and no call of it gets past the stand-in.
 */
export async function startHostProxy(handler: Handler): Promise<HostProxy> {
  const inner = await listen(handler);
  const authority = issue({ commonName: 'Stand-in authority', key: 'ec', isAuthority: true });
  const contexts = new Map<string, SecureContext>();
  const contextOf = (host: string): SecureContext => {
    const known = contexts.get(host);
    if (known !== undefined) return known;
    const { certificate, privateKey } = issue(
      { commonName: host, key: 'ec', dnsNames: [host] },
      authority,
    );
    const context = createSecureContext({
      cert: certificate.toString(),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    });
    contexts.set(host, context);
    return context;
  };
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => {
    response.writeHead(405).end();
  });
  server.on('connect', ({ url = '' }, socket) => {
    // Always so, though its type is wider.
    if (!(socket instanceof Socket)) return;
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    const secureContext = contextOf(url.split(':')[0] ?? '');
    const client = new TLSSocket(socket, { isServer: true, secureContext });
    const played = connect(inner.port, '127.0.0.1');
    for (const end of [socket, client, played]) {
      sockets.add(end);
      end.on('close', () => sockets.delete(end));
      // A client that hangs up takes its connection with it.
      end.on('error', () => {
        client.destroy();
        played.destroy();
      });
    }
    client.pipe(played).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority: authority.certificate.toString(),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await inner.stop();
    },
  };
}
