import { startCryptomus } from '../../standins/cryptomus/server.ts';
import type { Listener } from '../../standins/http.ts';
import { startPayeer } from '../../standins/payeer/server.ts';
import { sign } from '../../standins/payeer/signature.ts';
import { startPayPal } from '../../standins/paypal/server.ts';

const running: Listener[] = [];

afterEach(async () => {
  for (const standin of running.splice(0)) await standin.stop();
});

/** The button of a page. */
function press(url: string, fields: Record<string, string> = {}) {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
}

test("PayPal's order is approved on the page that its link names", async () => {
  const paypal = await startPayPal({ clientId: 'id', clientSecret: 'secret', webhookId: 'W' });
  running.push(paypal);
  const token = await fetch(`${paypal.origin}/v1/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('id:secret').toString('base64')}` },
  });
  const { access_token: bearer } = (await token.json()) as { access_token: string };
  const created = await fetch(`${paypal.origin}/v2/checkout/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({
      intent: 'CAPTURE',
      purchase_units: [{ amount: { currency_code: 'USD', value: '15.00' } }],
    }),
  });
  const order = (await created.json()) as { id: string; links: { rel: string; href: string }[] };
  const link = order.links.find(({ rel }) => rel === 'approve')?.href ?? '';
  expect(await (await fetch(link)).text()).toContain('15.00 USD');
  expect(paypal.control.object(order.id)).toMatchObject({ status: 'CREATED' });
  expect(await (await press(link, { token: order.id })).text()).toContain(order.id);
  expect(paypal.control.object(order.id)).toMatchObject({ status: 'APPROVED' });
  expect((await fetch(`${paypal.origin}/checkoutnow?token=NONE`)).status).toBe(404);
});

test("Cryptomus's page takes the money once and sends the buyer back", async () => {
  const cryptomus = await startCryptomus({ merchantId: 'merchant', paymentKey: 'key' });
  running.push(cryptomus);
  const { url, uuid } = cryptomus.control.make({
    order_id: 'order1',
    amount: '15.00',
    currency: 'USD',
    url_success: 'http://app.test/?paid',
    url_return: 'http://app.test/?a="<b>',
  });
  const page = await (await fetch(url)).text();
  expect(page).toContain('15.00 USD');
  expect(page).toContain('href="http://app.test/?a=&#34;&#60;b&#62;"');
  const pressed = await press(url);
  expect([pressed.status, pressed.headers.get('location')]).toEqual([303, 'http://app.test/?paid']);
  expect((await press(url)).status).toBe(200);
  expect(cryptomus.control.invoices()).toMatchObject([
    { uuid, status: 'paid', payment_amount: '15.00000000' },
  ]);
});

test.each(['success', 'fail'])("Payeer's page ends in a %s", async (status) => {
  const payeer = await startPayeer({
    merchantId: '7',
    secretKey: 'secret',
    encryptionKey: 'encryption',
    statusUrl: null,
  });
  running.push(payeer);
  const form = { m_shop: '7', m_orderid: 'o1', m_amount: '15.00', m_curr: 'USD', m_desc: 'eA==' };
  const posted = await press(`${payeer.origin}/merchant/`, {
    ...form,
    m_sign: sign('secret', Object.values(form)),
  });
  expect(await posted.text()).toContain('15.00 USD');
  const pressed = await press(`${payeer.origin}/merchant/pay`, { m_orderid: 'o1', status });
  expect(pressed.status).toBe(200);
  expect(payeer.control.notices()).toMatchObject([{ type: status }]);
});
