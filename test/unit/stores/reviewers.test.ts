import { mayUseSandbox } from '../../../functions/src/stores/reviewers.ts';

const environment = { STORE_REVIEWER_UIDS: 'reviewer1, reviewer2' };

test('on a test deployment everybody buys in the sandbox', () => {
  expect(mayUseSandbox('user1', 'test', {})).toBe(true);
});

test('on a live one only the reviewers do', () => {
  expect(mayUseSandbox('reviewer2', 'live', environment)).toBe(true);
  expect(mayUseSandbox('user1', 'live', environment)).toBe(false);
  expect(mayUseSandbox('', 'live', environment)).toBe(false);
  expect(mayUseSandbox('user1', 'live', {})).toBe(false);
});
