import { listen } from './http.ts';
import type { Call, Handler, Listener, Reply } from './http.ts';

const PREFIX = '/_control/';

/** The interface `T` as seen from another process: the same methods, each answering later. */
export type Remote<T> = {
  [M in keyof T]: T[M] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/**
 * Serves the methods of `target` at `POST /_control/<method>`: a JSON array of arguments in,
 * `{result}` or `{error}` out. Only functions that are the object's own properties can be reached,
 * so `target` is an object literal that lists them. Arguments and results pass through JSON;
 * a null argument arrives as undefined, so that an optional one may be left out in the middle.
 */
export function serveControl(target: object, port = 0): Promise<Listener> {
  return listen(
    withControl(target, () => ({ status: 404, body: { error: 'nothing but /_control/ here' } })),
    port,
  );
}

/** `next`, with the methods of `target` added as in `serveControl`. */
export function withControl(target: object, next: Handler): Handler {
  return (call) => (call.path.startsWith(PREFIX) ? perform(target, call) : next(call));
}

/** A client of the methods served at `baseUrl`, the origin of the server. */
export function remote<T extends object>(baseUrl: string): Remote<T> {
  const origin = baseUrl.replace(/\/+$/, '');
  return new Proxy({} as Remote<T>, {
    get: (_target, name) => {
      // Awaiting an object asks for its `then`: answering would make the client itself a promise.
      if (typeof name !== 'string' || name === 'then') return undefined;
      return (...args: unknown[]) => invoke(`${origin}${PREFIX}${name}`, args);
    },
  });
}

async function perform(target: object, call: Call): Promise<Reply> {
  const name = decodeURIComponent(call.path.slice(PREFIX.length));
  const method: unknown = Object.hasOwn(target, name) ? Reflect.get(target, name) : undefined;
  if (call.method !== 'POST' || typeof method !== 'function') {
    return { status: 404, body: { error: `no control method ${call.method} ${name}` } };
  }
  try {
    const result: unknown = await Reflect.apply(method, target, readArguments(call.body));
    return { status: 200, body: { result } };
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function readArguments(body: string): unknown[] {
  const args: unknown = JSON.parse(body || '[]');
  if (!Array.isArray(args)) throw new Error('the arguments must be a JSON array');
  return args.map((value: unknown) => value ?? undefined);
}

async function invoke(url: string, args: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(args),
  });
  const answer = (await response.json()) as { result?: unknown; error?: string };
  if (!response.ok) throw new Error(answer.error ?? `control answered ${response.status}`);
  return answer.result;
}
