import { APP_ORIGIN, Bench, BODY, CREATE, expectAllowedFields } from './bench.ts';

const bench = new Bench();

describe('CORS', () => {
  const preflight = (from: string) =>
    bench.send(CREATE, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });

  test('a preflight of the app is answered without a token', async () => {
    const { status: code, headers } = await preflight(APP_ORIGIN);
    expect(code).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
    expect(headers.get('vary')).toMatch(/origin/i);
    expect(headers.get('access-control-allow-methods')).toBe('POST');
    const allowed = headers.get('access-control-allow-headers')?.split(',');
    expect(allowed).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'idempotency-key', 'if-none-match']),
    );
    expect(await preflight('http://localhost:3000')).toMatchObject({ status: 204 });
  });

  test.each(['https://evil.example.com', 'https://app.example.com.evil.com', 'null'])(
    '%s is not allowed',
    async (from) => {
      const asked = await preflight(from);
      const called = await bench.send(CREATE, {
        headers: { origin: from },
        body: { amount: 1500, BODY },
      });
      for (const { headers } of [asked, called]) {
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  );

  test.each([
    ['an answer', 1500, 200],
    ['a refusal', 1, 400],
  ])('the app can read %s and its headers', async (_name, amount, code) => {
    const answer = await bench.call(
      CREATE,
      await bench.signIn(),
      { amount },
      { origin: APP_ORIGIN },
    );
    expect(answer.status).toBe(code);
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
    const exposed = answer.headers.get('access-control-expose-headers')?.split(',');
    expect(exposed).toEqual(expect.arrayContaining(['x-ratelimit-reset', 'etag']));
  });

  test('the mobile apps send no origin and are answered', async () => {
    const answer = await bench.ask(await bench.signIn());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
