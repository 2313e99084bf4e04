import { orderIds } from '../../../../functions/src/gateways/anypay/order-ids.ts';
import {
  signApiCall,
  signForm,
  signNotice,
} from '../../../../functions/src/gateways/anypay/signature.ts';
import { apiSign, formSign, signedNotice } from '../../../standins/anypay/signature.ts';
import { API_ID, API_KEY, ORDER, PROJECT, SECRET, type SignType } from './bench.ts';

const project = (signType: SignType) => ({ projectId: PROJECT, secretKey: SECRET, signType });

const FORM = {
  payId: ORDER,
  amount: '25.00',
  currency: 'USD',
  desc: '',
  successUrl: '',
  failUrl: '',
};
const FULL = {
  ...FORM,
  desc: 'Top-up 25 USD',
  successUrl: 'https://app.example.test/funds?status=success',
  failUrl: 'https://app.example.test/funds?status=error',
};

test.each<[string, SignType, typeof FORM, string]>([
  ['AP-1', 'md5', FORM, 'a2b7f706247689788ce2d740fb3e3abf'],
  ['AP-1b', 'md5', { ...FORM, amount: '25' }, '48c66e1be7d40b41b77f6ac4cd394b8f'],
  ['AP-1, whatever the addresses', 'md5', FULL, 'a2b7f706247689788ce2d740fb3e3abf'],
  ['AP-2', 'sha256', FULL, '96f0260e711e5a4dffc96c97ea3e79e6cf4dd9c7f223682bc839a14f349631ed'],
  ['AP-2b', 'sha256', FORM, 'ebe07dbdcba382a71731b2b1d0ef8e5f13a400031a45953df5b49e4bbd0c1c24'],
])('%s, the form signed with %s', (_name, signType, form, signature) => {
  expect(signForm(project(signType), form)).toBe(signature);
  const { payId: pay_id, successUrl: success_url, failUrl: fail_url, ...rest } = form;
  const posted = { ...rest, pay_id, success_url, fail_url };
  expect(formSign(project(signType), posted)).toBe(signature);
});

test.each<[string, SignType, string, string]>([
  ['AP-3', 'md5', 'paid', '5430d4ef870799bd9c7f7d194ef8dcd1'],
  ['AP-4', 'sha256', 'paid', '023dc75148f3f2d50be6fdcbc26ccf8b53c347b87ca072f2ff98a5bc2a2fa614'],
  ['AP-5', 'sha256', 'refund', 'c3309f9ab8d2b1637412bf27e6c504e11f6320b9425fa42855d8731e51d94d62'],
])('%s, the notification signed with %s, %s', (_name, signType, status, signature) => {
  const notice = { payId: ORDER, amount: '25.00', currency: 'USD', status };
  expect(signNotice(project(signType), notice)).toBe(signature);
  const told = { merchant_id: PROJECT, pay_id: ORDER, amount: '25.00', currency: 'USD', status };
  expect(signedNotice(project(signType), told)['sign']).toBe(signature);
});

test.each([
  [
    'AP-6',
    'payments',
    [PROJECT],
    '176c1ac1bf5a4be0169e6738326ff3c75101b634b82cbee8d442bc079e4633dd',
  ],
  [
    'AP-7',
    'create-payment',
    [PROJECT, ORDER, '25.00', 'USD', 'Top-up 25 USD', 'card'],
    '516e99b9944dd938267c192ff21dfce131443acfe31d184c16a294e4e70abee4',
  ],
  [
    'AP-8',
    'ip-notification',
    [],
    '1554ced054e1cddaf0f4ecf546ba205a2651a892e3ac0d28821748d227c37138',
  ],
])('%s, the API method %s', (_name, method, fields: string[], signature) => {
  const keys = { apiId: API_ID, apiKey: API_KEY };
  expect(signApiCall(keys, method, fields)).toBe(signature);
  expect(apiSign(method, API_ID, fields, API_KEY)).toBe(signature);
});

test('an order number has 15 digits, whatever the chance', () => {
  expect(orderIds.write(Buffer.alloc(32, 0))).toBe('100000000000000');
  expect(orderIds.write(Buffer.alloc(32, 255))).toMatch(/^[1-9]\d{14}$/);
  expect(orderIds.write(Buffer.alloc(32, 7))).not.toBe(orderIds.write(Buffer.alloc(32, 8)));
});
