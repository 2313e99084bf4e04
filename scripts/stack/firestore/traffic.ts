import type { ServerInterceptor } from '@grpc/grpc-js';
import { ServerInterceptingCall } from '@grpc/grpc-js';

/** Counts the calls a gRPC server receives and, on demand, leaves them hanging. */
export class Traffic {
  #counts: Record<string, number> = {};
  #passage: Promise<unknown> = Promise.resolve();
  #open: ((passed: undefined) => void) | undefined;

  readonly interceptor: ServerInterceptor = (method, call) => {
    const rpc = method.path.slice(method.path.lastIndexOf('/') + 1);
    this.#counts[rpc] = (this.#counts[rpc] ?? 0) + 1;
    // Continuations run in the order they came; those of a call its client gave up do nothing.
    const pass = <T>(value: T, next: (value: T) => void) => {
      void this.#passage.then(() => {
        next(value);
      });
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: pass,
          onReceiveMessage: pass,
          onReceiveHalfClose: (proceed) => {
            pass(undefined, proceed);
          },
          onCancel: () => undefined,
        });
      },
      sendMessage: pass,
      sendStatus: pass,
    });
  };

  /** Number of calls by RPC since the last reset. */
  counts(): Record<string, number> {
    return { ...this.#counts };
  }

  resetCounts(): void {
    this.#counts = {};
  }

  /** Holds back all that comes in and goes out until it is called with `false`. */
  hang(on: boolean): void {
    this.#open?.(undefined);
    this.#open = undefined;
    if (on) {
      ({ promise: this.#passage, resolve: this.#open } = Promise.withResolvers<undefined>());
    }
  }
}
