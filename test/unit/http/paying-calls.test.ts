import * as deployed from '../../../functions/src/index.ts';
import { recaptchaFields } from '../../../functions/src/http/call.ts';
import type { Published } from '../../../functions/src/http/call.ts';

const groups = deployed as unknown as Record<string, Record<string, { published?: Published }>>;

const calls = Object.entries(groups).flatMap(([group, entries]) =>
  Object.entries(entries).flatMap(([entry, { published }]) =>
    published?.kind === 'call'
      ? [{ name: `${group}-${entry}`, group, contract: published.contract }]
      : [],
  ),
);

test('there is something to hold to the rules', () => {
  expect(calls.map(({ name }) => name)).toContain('stripe-getPaymentIntent');
});

test('a call pays when it takes an amount; it then names the action of its gateway', () => {
  for (const { name, group, contract } of calls) {
    const pays = 'amount' in contract.input.shape;
    expect([name, contract.recaptchaAction]).toEqual([name, pays ? `${group}_payment` : undefined]);
  }
});

test('a call that pays takes the token, and no other does', () => {
  for (const { name, contract } of calls) {
    const { shape } = contract.input;
    const taken = Object.keys(recaptchaFields).filter((field) => field in shape);
    const expected = contract.recaptchaAction === undefined ? [] : Object.keys(recaptchaFields);
    expect([name, taken]).toEqual([name, expected]);
  }
});

test('the fields may be missing: a client that has it off sends none, or an empty one', () => {
  for (const { contract } of calls.filter((call) => call.contract.recaptchaAction !== undefined)) {
    const proof = contract.input.pick({ recaptcha_token: true, platform: true });
    const none = { recaptcha_token: '', platform: 'web' };
    expect(proof.parse({})).toEqual(none);
    expect(proof.parse({ recaptcha_token: '' })).toEqual(none);
  }
});
