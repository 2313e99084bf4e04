import { createRequire } from 'node:module';
import { origin, ports } from './stack/values.ts';

/*
 * Makes every row due that the Retail API has refused: `npm run rearm` on the stack,
 * `GOOGLE_CLOUD_PROJECT=<project> npm run rearm` on a project, as the signed-in user of
 * `gcloud auth application-default login`.
 */
const project = process.env['GOOGLE_CLOUD_PROJECT'];
if (project === undefined) {
  process.env['GCLOUD_PROJECT'] = 'demo-temp-number';
  process.env['FIRESTORE_EMULATOR_HOST'] ??= new URL(origin(ports.firestore)).host;
}

const load = createRequire(import.meta.url);
const { openFirestore } = load('../functions/lib/firestore/firestore.js') as {
  openFirestore: () => object;
};
const { DuePayments } = load('../functions/lib/ledger/due-payments.js') as {
  DuePayments: new (firestore: object) => { rearm(now: Date): Promise<number> };
};

const armed = await new DuePayments(openFirestore()).rearm(new Date());
console.log(
  `${armed} rows are due again; the next sweep pushes them (sync-retryUnsynced, every 5 minutes).`,
);
