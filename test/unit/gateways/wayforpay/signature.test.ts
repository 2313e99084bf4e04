import { buildPurchase } from '../../../../functions/src/gateways/wayforpay/checkout.ts';
import { signFields } from '../../../../functions/src/gateways/wayforpay/signature.ts';
import { orderOf } from '../../../harness/orders.ts';
import { sign } from '../../../standins/wayforpay/signature.ts';
import { ACCOUNT, callback, NOW, open, ORDER, SECRET } from './bench.ts';

/** The worked examples, each a message and its HMAC-MD5. */
const vectors: Readonly<Record<string, readonly [string, string]>> = {
  'WP-1 purchase': [
    'synth_merch_1;app.example.test;tn-5kq81x;1767225600;12.5;USD;Top-up 12.50 USD;1;12.5',
    'b9bbd790c2215d97b140d8aff375f71b',
  ],
  'WP-1b two products, UAH, Cyrillic': [
    'synth_merch_1;app.example.test;tn-5kq81x;1767225600;1030.25;UAH;Поповнення;Комісія;1;1;1000;30.25',
    '57cfc585b136889f25d6369449d80019',
  ],
  'WP-2 callback approved': [
    'synth_merch_1;tn-5kq81x;12.5;USD;417935;53****1234;Approved;1100',
    'cd3f125168b6bcc1fbe169483adce79f',
  ],
  'WP-3 callback declined': [
    'synth_merch_1;tn-5kq81x;12.5;USD;;;Declined;1124',
    '9e9bdfe7c26835879539765b5041de22',
  ],
  'WP-4 callback refunded': [
    'synth_merch_1;tn-5kq81x;12.5;USD;417935;53****1234;Refunded;1100',
    '6f0223abf690f88f7d47cc5b5bc687e6',
  ],
  'WP-5 our answer': ['tn-5kq81x;accept;1767225660', '5eee43f9c4aa77f2162a6198e61ab9e1'],
  'WP-6 CHECK_STATUS': ['synth_merch_1;tn-5kq81x', '627fc044f8baf7c3a230ce2b5769aaff'],
  'WP-7 REFUND of 5 USD': ['synth_merch_1;tn-5kq81x;5;USD', '9d6ff94c4f3c9fae060eed50e7503c10'],
  'WP-8 refund reply': [
    'synth_merch_1;tn-5kq81x;Refunded;1100',
    '6cc3b149771e06052b46c7de217c8596',
  ],
  'WP-9 TRANSACTION_LIST': [
    'synth_merch_1;1767139200;1767225600',
    'f9e69438c935b2c21d7fde99f28de733',
  ],
};

test.each(Object.entries(vectors))('%s', (_name, [message, digest]) => {
  expect(signFields(SECRET, message.split(';'))).toBe(digest);
  expect(sign(SECRET, ...message.split(';'))).toBe(digest);
});

test('a purchase is signed over the texts that are posted', () => {
  const createdAt = new Date(1_767_225_600_000);
  const order = orderOf({ orderId: ORDER, gateway: 'wayforpay', createdAt });
  const page = { pageUrl: '', domain: 'app.example.test', callbackUrl: 'https://f.example.test/w' };
  const posted = buildPurchase(
    { merchantAccount: ACCOUNT, secretKey: SECRET },
    page,
    order,
    'https://app.example.test/funds',
  );
  const { merchantSignature, merchantDomainName, orderDate, productName, productCount } = posted;
  const head = [ACCOUNT, merchantDomainName, ORDER, orderDate, posted.amount, posted.currency];
  const products = [...productName, ...productCount, ...posted.productPrice];
  expect(merchantSignature).toBe(sign(SECRET, ...head, ...products));
  expect(posted).toMatchObject({ amount: '12.50', productPrice: ['12.50'], orderDate: 1767225600 });
  expect(posted).toMatchObject({ merchantTransactionType: 'SALE', orderReference: ORDER });
});

test('every authentic callback is answered with the signed accept', async () => {
  process.env['PAYMENTS_MODE'] = 'test';
  process.env['WAYFORPAY_MERCHANT_ACCOUNT'] = ACCOUNT;
  process.env['WAYFORPAY_SECRET_KEY'] = SECRET;
  const gateway = await open();
  const event = await gateway.verify(
    callback({ merchantAccount: ACCOUNT, orderReference: ORDER, transactionStatus: 'Declined' }),
  );
  const answer = gateway.acknowledge?.(event);
  expect(answer?.contentType).toBe('application/json');
  expect(JSON.parse(answer?.body ?? '')).toEqual({
    orderReference: ORDER,
    status: 'accept',
    time: NOW.getTime() / 1000,
    signature: '5eee43f9c4aa77f2162a6198e61ab9e1',
  });
});
