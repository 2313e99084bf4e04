import { openFirestore } from '../../../functions/src/firestore/firestore.ts';
import { setEnvironment } from '../../harness/environment.ts';

beforeAll(() => {
  setEnvironment({ GCLOUD_PROJECT: 'demo-database' });
});

afterEach(() => {
  setEnvironment({ FIRESTORE_DATABASE: undefined });
});

test.each([
  [undefined, '(default)'],
  ['', '(default)'],
  ['(default)', '(default)'],
  ['payments', 'payments'],
  ['shop', 'shop'],
  ['eu-payments-2', 'eu-payments-2'],
  [`a${'b'.repeat(62)}`, `a${'b'.repeat(62)}`],
])('FIRESTORE_DATABASE=%s opens the database %s', (value, database) => {
  setEnvironment({ FIRESTORE_DATABASE: value });
  expect(openFirestore().root).toBe(`projects/demo-database/databases/${database}/documents`);
});

test.each([
  'pay',
  `a${'b'.repeat(63)}`,
  'Payments',
  '2payments',
  'payments-',
  'pay_ments',
  'pay/ments',
  ' payments',
  'a1b2c3d4-1111-2222-3333-444455556666',
])('%j is no database, and opens none', (value) => {
  setEnvironment({ FIRESTORE_DATABASE: value });
  expect(() => openFirestore()).toThrow('Configuration: FIRESTORE_DATABASE must be (default)');
});
