// A stored document is what these suites look for. How long a busy machine takes for it is no matter:
// the deadline is tested where Firestore is silent, against the functions themselves.
jest.mock('../../functions/src/config/limits.ts', () => ({
  ...jest.requireActual<object>('../../functions/src/config/limits.ts'),
  FIRESTORE_DEADLINE_MS: 30_000,
}));
