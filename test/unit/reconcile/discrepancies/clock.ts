/** The clock of this process, which a test sets on: everything in it sees the same time. */
export interface MovedClock {
  /** It is this moment now, in ms since the epoch, and time goes on from there. */
  set(ms: number): void;
  /** Puts the genuine clock back. */
  restore(): void;
}

/** Only `Date` is moved; timers run as ever. */
export function moveClock(): MovedClock {
  const Genuine = Date;
  let aheadMs = 0;
  const now = () => Genuine.now() + aheadMs;
  globalThis.Date = new Proxy(Genuine, {
    construct: (target, args: unknown[]) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args) as Date,
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  });
  return {
    set: (ms) => {
      aheadMs = Math.round(ms) - Genuine.now();
    },
    restore: () => {
      globalThis.Date = Genuine;
    },
  };
}
