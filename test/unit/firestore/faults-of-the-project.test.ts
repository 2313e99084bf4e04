import { Misconfigured, Unavailable } from '../../../functions/src/errors.ts';
import { FirestoreError } from '../../../functions/src/firestore/client/index.ts';
import { tryWrite, withDeadline } from '../../../functions/src/firestore/firestore.ts';
import { log } from '../../../functions/src/log.ts';
import { logFromNow } from '../../harness/log.ts';

const LINK =
  'https://console.firebase.google.com/v1/r/project/p1/firestore/indexes?create_composite=Ck1wcm9q';
const cases = [
  [
    'an index that is missing',
    new FirestoreError(9, `The query requires an index. You can create it here: ${LINK}`),
    [LINK, 'npx firebase deploy --only firestore:indexes'],
  ],
  [
    'a right that is missing',
    new FirestoreError(7, 'Missing or insufficient permissions.'),
    ['roles/datastore.user', 'serviceAccountEmail'],
  ],
  [
    'a database that is missing',
    new FirestoreError(5, 'The database (default) does not exist for project p1'),
    ['Firebase console', 'FIRESTORE_DATABASE'],
  ],
] as const;

test.each(cases)('%s is an ERROR that says what to do', async (_, error, words) => {
  const logged = logFromNow();
  await withDeadline(Promise.reject(error)).catch((fault: unknown) => {
    expect(fault).toBeInstanceOf(Misconfigured);
    log.failure(fault, { gateway: 'somegateway' });
  });
  const [line] = logged().map((one) => JSON.parse(one) as Record<string, string>);
  expect(line).toMatchObject({ severity: 'ERROR', error: 'Misconfigured' });
  expect(line).toHaveProperty('next_step');
  for (const word of words) expect(line?.['message']).toContain(word);
});

test.each(cases)('%s is not taken for a write that was overtaken', async (_, error) => {
  await expect(tryWrite(Promise.reject(error))).rejects.toThrow(Misconfigured);
});

test('a condition of a write that does not hold, and any other error, stay what they are', async () => {
  const stale = new FirestoreError(9, 'the stored version does not match');
  expect(await tryWrite(Promise.reject(stale))).toBe(false);
  const down = new FirestoreError(14, 'no connection');
  await expect(withDeadline(Promise.reject(down))).rejects.toThrow(Unavailable);
});
