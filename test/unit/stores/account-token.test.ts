import { accountToken, uuidV5 } from '../../../functions/src/stores/account-token.ts';
import { accountTokenOf } from '../../standins/account-token.ts';

/** RFC 9562, appendix A.4. */
test('the worked example of the RFC', () => {
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  expect(uuidV5(dns, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test('the published derivation never changes: apps compute it too', () => {
  expect(accountToken('user1')).toBe('29e55fde-0962-5d00-9c0f-58513adf0bf3');
});

test('two users have two tokens', () => {
  expect(accountToken('user1')).not.toBe(accountToken('User1'));
});

test.each(['user1', 'kJ8sHq0aXbT2mN4pL6rVw1yZ3cE5', 'ü', 'x'.repeat(128)])(
  'an app that computes the token of %p comes to the same',
  (uid) => {
    expect(accountTokenOf(uid)).toBe(accountToken(uid));
  },
);
