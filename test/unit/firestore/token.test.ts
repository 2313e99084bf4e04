import { Unavailable } from '../../../functions/src/errors.ts';
import { MetadataTokens } from '../../../functions/src/firestore/client/token.ts';
import { exchange } from '../../../functions/src/outbound.ts';

jest.mock('../../../functions/src/outbound.ts');
const asked = jest.mocked(exchange);

let clock: number;
let tokens: MetadataTokens;
let given: number;

function answerWith(status: number, text: string): void {
  const ok = status === 200;
  asked.mockResolvedValue({ status, ok, headers: {}, bytes: Buffer.from(text), text });
}

beforeEach(() => {
  clock = 0;
  given = 0;
  tokens = new MetadataTokens(() => clock);
  asked.mockReset();
  asked.mockImplementation(() => {
    given += 1;
    const text = JSON.stringify({ access_token: `t${given}`, expires_in: 3600 });
    return Promise.resolve({ status: 200, ok: true, headers: {}, bytes: Buffer.from(text), text });
  });
});

test('it is asked for once, by calls at once too, and again shortly before its end', async () => {
  const both = await Promise.all([tokens.token(), tokens.token()]);
  expect(both).toEqual(['t1', 't1']);
  clock = 54 * 60_000;
  expect(await tokens.token()).toBe('t1');
  clock = 55 * 60_000;
  expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(['t2', 't2']);
  const [, url, request] = asked.mock.calls[0] ?? [];
  expect(String(url)).toMatch(/^http:\/\/metadata\.google\.internal\/.*\/default\/token$/);
  expect(request).toMatchObject({ headers: { 'metadata-flavor': 'Google' } });
});

test('one that was refused is forgotten', async () => {
  await tokens.token();
  tokens.renew();
  expect(await tokens.token()).toBe('t2');
});

test.each([
  [503, ''],
  [200, 'not json'],
  [200, '{"access_token":5}'],
])(
  'an answer without a token (%d, %j) is Unavailable, and asked for anew',
  async (status, text) => {
    answerWith(status, text);
    await expect(tokens.token()).rejects.toThrow(Unavailable);
    answerWith(200, '{"access_token":"late","expires_in":3600}');
    expect(await tokens.token()).toBe('late');
  },
);

test('a metadata server that does not answer is asked again by the next call', async () => {
  asked.mockRejectedValueOnce(new Unavailable('The metadata server did not answer.'));
  await expect(tokens.token()).rejects.toThrow(Unavailable);
  expect(await tokens.token()).toBe('t1');
});
