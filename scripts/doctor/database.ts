import { readFileSync, writeFileSync } from 'node:fs';
import { textOf } from '../openapi/document.ts';
import { DEFAULT_DATABASE } from '../stack/values.ts';
import type { Examined } from './examine.ts';

const FILE = 'firebase.json';

interface Config {
  readonly firestore: { readonly database?: string };
}

/** Whether a deployment brings the rules and the indexes to the database that the functions use. */
export function examineTarget(database: string): Examined {
  const { target } = readTarget();
  const setting = { name: 'firestore.database' };
  const finding =
    target === database
      ? ({ ...setting, state: 'ok', words: `is ${target}` } as const)
      : ({
          ...setting,
          state: 'wrong',
          words: `is ${target}, and FIRESTORE_DATABASE is ${database}: rules would be replaced in ${target}`,
          fix: `npm run setup writes it; by hand: "database": "${database}" in "firestore" of ${FILE}`,
        } as const);
  return { title: FILE, findings: [finding] };
}

/**
 * Has a deployment bring the rules and the indexes to a database: the Firebase CLI reads its name from
 * `firebase.json` alone.
 * @returns whether they went to another one before.
 */
export async function aimAt(database: string): Promise<boolean> {
  const { config, target } = readTarget();
  if (target === database) return false;
  // The file of the default database names none.
  const named = database === DEFAULT_DATABASE ? undefined : database;
  const firestore = { ...config.firestore, database: named };
  writeFileSync(FILE, await textOf({ ...config, firestore }));
  return true;
}

function readTarget(): { readonly config: Config; readonly target: string } {
  const config = JSON.parse(readFileSync(FILE, 'utf8')) as Config;
  return { config, target: config.firestore.database ?? DEFAULT_DATABASE };
}
