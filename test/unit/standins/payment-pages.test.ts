import { startCryptomus } from '../../standins/cryptomus/server.ts';
import { startAnypay } from '../../standins/anypay/server.ts';
import { formSign } from '../../standins/anypay/signature.ts';
import type { Listener } from '../../standins/http.ts';
import { startPayeer } from '../../standins/payeer/server.ts';
import { sign } from '../../standins/payeer/signature.ts';
import { startPayPal } from '../../standins/paypal/server.ts';
import { startWayforpay } from '../../standins/wayforpay/server.ts';
import { sign as signWayforpay } from '../../standins/wayforpay/signature.ts';

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

test.each([
  ['success_url', 'http://app.test/?paid', ['paid']],
  ['fail_url', 'http://app.test/?left', []],
])("AnyPay's page leads back to the %s", async (button, address, notices) => {
  const project = { projectId: '7', secretKey: 'secret', signType: 'md5' } as const;
  const anypay = await startAnypay({ ...project, apiId: 'i', apiKey: 'k', noticeUrl: null });
  running.push(anypay);
  const form = { merchant_id: '7', pay_id: '81', amount: '15', currency: 'USD' };
  const urls = { success_url: 'http://app.test/?paid', fail_url: 'http://app.test/?left' };
  const fields = { ...form, ...urls, sign: formSign(project, form) };
  const posted = await (await press(`${anypay.origin}/merchant`, fields)).text();
  expect(posted).toContain('15 USD');
  const pressed = await press(`${anypay.origin}/merchant/pay`, {
    ...urls,
    pay_id: '81',
    back_to: button,
  });
  expect([pressed.status, pressed.headers.get('location')]).toEqual([303, address]);
  expect(anypay.control.notices().map(({ type }) => type)).toEqual(notices);
});

test.each(['Approved', 'Declined'])("WayForPay's page posts %s to the app", async (status) => {
  const settings = { merchantAccount: 'm', secretKey: 'key', domain: 'app.test' };
  const wayforpay = await startWayforpay(settings);
  running.push(wayforpay);
  const signed = ['m', 'app.test', 'o1', '1767225600', '15.00', 'USD', 'Top-up', '1', '15.00'];
  const purchase = {
    merchantAccount: 'm',
    merchantDomainName: 'app.test',
    orderReference: 'o1',
    orderDate: 1767225600,
    amount: '15.00',
    currency: 'USD',
    productName: ['Top-up'],
    productCount: [1],
    productPrice: ['15.00'],
    merchantSignature: signWayforpay('key', ...signed),
    serviceUrl: 'http://127.0.0.1:1/callback',
    returnUrl: 'http://app.test/?gateway="wayforpay"',
  };
  const made = await fetch(`${wayforpay.origin}/pay?behavior=offline`, {
    method: 'POST',
    body: JSON.stringify(purchase),
  });
  const { url } = (await made.json()) as { url: string };
  expect(await (await fetch(url)).text()).toContain('15.00 USD');
  const back = await (await press(url, { status })).text();
  expect(back).toContain(
    '<form id="result" method="post" action="http://app.test/?gateway=&#34;wayforpay&#34;">',
  );
  expect(back).toMatch(
    new RegExp(`<input form="result" [^>]* name="transactionStatus" value="${status}"`),
  );
  expect(back).toMatch(/name="merchantSignature" value="\w{32}"/);
  expect(wayforpay.control.order('o1').status).toBe(status);
  expect((await fetch(`${wayforpay.origin}/page?vkh=other`)).status).toBe(404);
});
