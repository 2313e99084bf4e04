import { Bench, expectAllowedFields, inBrief } from './bench.ts';

const bench = new Bench({ FIREBASE_AUTH_EMULATOR_HOST: '127.0.0.1:9' });

describe('Firebase Auth cannot be reached', () => {
  // A 401 would sign the user out.
  test('503, and nobody is signed out', async () => {
    const answer = await bench.ask(await bench.signIn());
    expect(inBrief(answer)).toEqual([503, 'ServiceUnavailableException']);
    expect(bench.logged().join('\n')).toContain('The token could not be checked.');
  });
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
