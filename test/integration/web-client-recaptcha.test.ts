import { valuesUnder } from '../../scripts/stack/configure.ts';
import { openWebClient } from '../../scripts/stack/web-client.ts';

async function tokenFor(siteKey: string | undefined): Promise<string> {
  const page = await openWebClient(valuesUnder({ RECAPTCHA_SITE_KEY: siteKey }), 0);
  try {
    const url = `${page.origin}/recaptcha?action=stripe_payment`;
    const response = await fetch(url, { method: 'POST' });
    return ((await response.json()) as { token: string }).token;
  } finally {
    await page.stop();
  }
}

test('with a site key the page solves reCAPTCHA on the stand-in, anew for each order', async () => {
  const [one, other] = [await tokenFor('key'), await tokenFor('key')];
  expect(one).toMatch(/^03AF-.{20,}$/);
  expect(other).not.toBe(one);
});

test('without a site key the page sends no token', async () => {
  expect(await tokenFor(undefined)).toBe('');
});
