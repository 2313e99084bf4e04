import { collected } from './log.ts';

// The logger of firebase-functions keeps the console's methods from when it was loaded, so they
// are replaced before anything is: what is logged is collected, not printed.
for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const) {
  console[method] = (...args: unknown[]) => {
    collected().push(args.map(String).join(' '));
  };
}
