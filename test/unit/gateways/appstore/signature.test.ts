import { createHmac } from 'node:crypto';
import { Unauthentic } from '../../../../functions/src/errors.ts';
import { appleRootCaG3 } from '../../../../functions/src/gateways/appstore/apple-root-ca-g3.ts';
import {
  chainOf,
  jwsOf,
  newAuthority,
  signJws,
  type Authority,
  type ChainFlaws,
} from '../../../standins/appstore/authority.ts';
import {
  authority,
  changed,
  liveConfig,
  plain,
  readerOf,
  signedPayload,
  testConfig,
} from './bench.ts';

/** Apple's real verifier under an authority of our own: the result matrix of its library. */

const live = readerOf(liveConfig);
const sandbox = readerOf(testConfig);

/** When the purchase of the fixture was signed, in milliseconds. */
const SIGNED_AT = 1_790_000_099_000;

const purchase = { ...plain('REFUND').data.signedTransactionInfo, environment: 'Production' };
const { appAppleId } = liveConfig;

function production(name: string, data: object = {}) {
  return changed(name, {
    data: { environment: 'Production', appAppleId, ...data },
    purchase: { environment: 'Production' },
  });
}

test('a purchase of the real store, on a live deployment', async () => {
  const { transactionId, quantity } = await live.transaction(signJws(purchase, authority));
  expect([transactionId, quantity]).toEqual(['410000000000017', 2]);
});

test('a notification of the real store, with its purchase', async () => {
  const event = await live.notification(signedPayload(production('REFUND')));
  expect(event).toMatchObject({ type: 'REFUND', transaction: { environment: 'Production' } });
});

test('a live deployment hears the sandbox, whose notifications may name no app number', async () => {
  const event = await live.notification(signedPayload(plain('REFUND')));
  expect(event.transaction).toMatchObject({ environment: 'Sandbox' });
});

describe('signed by Apple, and not for us', () => {
  const others: [string, object][] = [
    ['another bundle', { bundleId: 'com.example.other' }],
    ['no bundle', { bundleId: undefined }],
    ['no environment', { environment: undefined }],
    ['Xcode', { environment: 'Xcode' }],
    ['LocalTesting', { environment: 'LocalTesting' }],
  ];
  test.each(others)('a purchase of %s', async (_, patch) => {
    const jws = signJws({ ...purchase, ...patch }, authority);
    await expect(live.transaction(jws)).rejects.toThrow(Unauthentic);
    await expect(sandbox.transaction(jws)).rejects.toThrow(Unauthentic);
  });

  test('a real purchase on a test deployment', async () => {
    await expect(sandbox.transaction(signJws(purchase, authority))).rejects.toThrow(Unauthentic);
  });

  test.each<[string, object]>([
    ['the number as text', { appAppleId: '6400000001' }],
    ['no app number', { appAppleId: undefined }],
    ['another app', { bundleId: 'com.example.other', appAppleId: 1 }],
  ])('a notification for %s', async (_, data) => {
    const jws = signedPayload(production('REFUND', data));
    await expect(live.notification(jws)).rejects.toThrow(Unauthentic);
  });

  test('a notification about nothing', async () => {
    const { data, ...rest } = plain('TEST');
    expect(data).toBeDefined();
    await expect(sandbox.notification(signJws(rest, authority))).rejects.toThrow(Unauthentic);
  });
});

describe('an unsigned token of an environment that the library checks no signature of', () => {
  test.each(['Xcode', 'LocalTesting'])('%s', async (environment) => {
    const unsigned = [{ alg: 'none' }, { ...purchase, environment }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat('c2ln')
      .join('.');
    for (const verifier of [live, sandbox]) {
      await expect(verifier.transaction(unsigned)).rejects.toThrow(Unauthentic);
    }
  });
});

describe('a forged chain', () => {
  const { root, intermediate, leaf } = authority;
  const flawed = (flaws: ChainFlaws): Authority => newAuthority(flaws, { root });
  const impostor = newAuthority();
  const chains: [string, Authority][] = [
    ['of another root', impostor],
    ['of another root, with ours at its end', { ...impostor, root }],
    ['whose leaf another intermediate has signed', { ...authority, leaf: impostor.leaf }],
    ['whose leaf is no receipt signer', flawed({ leafUnmarked: true })],
    ['whose intermediate is not one of Apple', flawed({ intermediateUnmarked: true })],
    ['whose intermediate may certify nobody', flawed({ intermediateIsNoAuthority: true })],
    ['whose leaf had run out', flawed({ leafValidTo: new Date(SIGNED_AT - 100_000) })],
    [
      'of a genuine leaf with another key',
      { root, intermediate, leaf: { ...leaf, privateKey: impostor.leaf.privateKey } },
    ],
    ['that starts at the intermediate', { root, intermediate: root, leaf: intermediate }],
  ];
  test.each(chains)('%s', async (_, forger) => {
    await expect(live.transaction(signJws(purchase, forger))).rejects.toThrow(Unauthentic);
  });

  const genuine = chainOf(authority);
  const headers: [string, object][] = [
    ['no chain', {}],
    ['an empty one', { x5c: [] }],
    ['two certificates', { x5c: genuine.slice(0, 2) }],
    ['four certificates', { x5c: [...genuine, genuine[2]] }],
    ['garbage', { x5c: ['AAAA', 'BBBB', 'CCCC'] }],
    ['no text', { x5c: [1, 2, 3] }],
  ];
  test.each(headers)('a header with %s', async (_, header) => {
    const jws = jwsOf({ alg: 'ES256', ...header }, purchase, leaf.privateKey);
    await expect(live.transaction(jws)).rejects.toThrow(Unauthentic);
  });

  test('our own authority is none of Apple', async () => {
    const apples = readerOf({ ...liveConfig, root: appleRootCaG3 });
    await expect(apples.transaction(signJws(purchase, authority))).rejects.toThrow(Unauthentic);
  });

  test('a leaf that has run out since is still good for what it signed before', async () => {
    const past = newAuthority({ leafValidTo: new Date(SIGNED_AT + 1_000) }, { root });
    const { transactionId } = await live.transaction(signJws(purchase, past));
    expect(transactionId).toBe('410000000000017');
  });
});

describe('a confused algorithm', () => {
  const { leaf } = authority;
  const [, payload = ''] = signJws(purchase, authority).split('.');
  const headerOf = (alg: string) =>
    Buffer.from(JSON.stringify({ alg, x5c: chainOf(authority) })).toString('base64url');

  test('none, with and without a signature', async () => {
    for (const signature of ['', 'AAAA']) {
      const jws = `${headerOf('none')}.${payload}.${signature}`;
      await expect(live.transaction(jws)).rejects.toThrow(Unauthentic);
    }
  });

  test('a MAC with the public certificate as its key', async () => {
    const text = `${headerOf('HS256')}.${payload}`;
    for (const key of [leaf.der, leaf.der.toString('base64')]) {
      const mac = createHmac('sha256', key).update(text).digest('base64url');
      await expect(live.transaction(`${text}.${mac}`)).rejects.toThrow(Unauthentic);
    }
  });
});

describe('no JWS at all', () => {
  const jws = signJws(purchase, authority);
  const [header = '', payload = '', signature = ''] = jws.split('.');
  test.each<[string, string]>([
    ['nothing', ''],
    ['dots', '..'],
    ['a word', 'word'],
    ['JSON', JSON.stringify(purchase)],
    ['cut off', jws.slice(0, -1)],
    ['without a signature', `${header}.${payload}.`],
    ['with a fourth part', `${jws}.AAAA`],
    ['with a line break', `${jws}\n`],
    ['another payload', `${header}.${payload.slice(0, -8)}AAAAAAAA.${signature}`],
    ['a megabyte', 'A'.repeat(1_000_000)],
  ])('%s', async (_, text) => {
    await expect(live.transaction(text)).rejects.toThrow(Unauthentic);
  });

  test('of the spellings of one signature only one is taken', async () => {
    // 64 bytes leave four bits of the last character without a meaning.
    const last = jws.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const other = alphabet.charAt(alphabet.indexOf(last) ^ 1);
    const respelt = jws.slice(0, -1) + other;
    expect(Buffer.from(respelt.split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(signature, 'base64url'),
    );
    await expect(live.transaction(respelt)).rejects.toThrow(Unauthentic);
  });
});
