import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HEALTH_KNOWN_MS } from '../config/limits';
import { readSettings } from '../config/settings';
import { answers } from '../firestore/firestore';
import type { Reply } from '../http/call';
import type { getHealth } from './calls';

/** Beside `src` here and beside `lib` where it is deployed. */
const PACKAGE = join(__dirname, '../../package.json');

/**
 * Says whether this backend can do its first duty, which is to write down what a gateway reports. It asks
 * no gateway and not the Retail API: their outages lose nothing, and have alerts of their own.
 * @param ask asks Firestore, and throws where it does not answer.
 */
export function openHealth(ask = answers, now: () => number = Date.now) {
  const { mode } = readSettings();
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(PACKAGE, 'utf8')));
  let asked: Promise<void> | undefined;
  let askedAt = 0;
  return {
    /** Calls of strangers cost no more than one question in `HEALTH_KNOWN_MS`; a failure is kept, too. */
    async read(): Promise<Reply<typeof getHealth>> {
      if (asked === undefined || now() - askedAt >= HEALTH_KNOWN_MS) {
        askedAt = now();
        asked = ask();
      }
      await asked;
      return { status: 'ok', version, mode };
    },
  };
}
