import type { ServerInterceptingCallInterface, ServerInterceptor } from '@grpc/grpc-js';
import { ServerInterceptingCall, status } from '@grpc/grpc-js';

/** Counts the calls a gRPC server receives and, on demand, leaves them hanging or refuses one. */
export class Traffic {
  #counts: Record<string, number> = {};
  #passage: Promise<unknown> = Promise.resolve();
  #open: ((passed: undefined) => void) | undefined;
  /** Calls until the one that is refused, that one included; 0 when none is. */
  #untilRefusal = 0;

  readonly interceptor: ServerInterceptor = (method, call) => {
    const rpc = method.path.slice(method.path.lastIndexOf('/') + 1);
    this.#counts[rpc] = (this.#counts[rpc] ?? 0) + 1;
    if (this.#untilRefusal > 0) {
      this.#untilRefusal -= 1;
      if (this.#untilRefusal === 0) return refused(call);
    }
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

  /** Refuses one call, the `number`th from now; clients repeat no write for it. 0 refuses none. */
  refuse(number: number): void {
    this.#untilRefusal = number;
  }
}

function refused(call: ServerInterceptingCallInterface): ServerInterceptingCall {
  return new ServerInterceptingCall(call, {
    start: (next) => {
      next({
        onReceiveMetadata: () => {
          call.sendStatus({ code: status.DATA_LOSS, details: 'ordered' });
        },
        onReceiveMessage: () => undefined,
        onReceiveHalfClose: () => undefined,
        onCancel: () => undefined,
      });
    },
  });
}
