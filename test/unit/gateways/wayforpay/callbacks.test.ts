import {
  Misconfigured,
  Unauthentic,
  Unavailable,
  Unusable,
} from '../../../../functions/src/errors.ts';
import { readConfig } from '../../../../functions/src/gateways/wayforpay/config.ts';
import type { WayforpayStandin } from '../../../standins/wayforpay/server.ts';
import { signedReport, textOf, type Report } from '../../../standins/wayforpay/signature.ts';
import { ACCOUNT, callback, open, ORDER, request, SECRET, startStandin } from './bench.ts';

let wayforpay: WayforpayStandin;

beforeAll(async () => {
  wayforpay = await startStandin();
});

beforeEach(() => {
  wayforpay.control.reset();
});

afterAll(() => wayforpay.stop());

/** The worked callback, as it was captured: its signature is the sheet's. */
const APPROVED =
  '{"merchantAccount":"synth_merch_1","orderReference":"tn-5kq81x","merchantSignature":"cd3f125168b6bcc1fbe169483adce79f","amount":12.5,"currency":"USD","authCode":"417935","email":null,"phone":null,"createdDate":1767225601,"processingDate":1767225640,"cardPan":"53****1234","cardType":"MasterCard","issuerBankCountry":"Ukraine","issuerBankName":"Synth","recToken":"","transactionStatus":"Approved","reason":"Ok","reasonCode":1100,"fee":0.25,"paymentSystem":"card","clientName":null}';

const report: Report = JSON.parse(APPROVED) as Report;

async function movementsOf(body: string | Buffer, amountCents?: number) {
  const gateway = await open(amountCents);
  return gateway.movements(await gateway.verify(request(body)));
}

function movementsOfReport(changed: Report, amountCents?: number) {
  return movementsOf(callback({ ...report, ...changed }).body, amountCents);
}

const asPairs = () => {
  const pairs = Object.entries(report).map(([name, value]): [string, string] => [
    name,
    textOf(value),
  ]);
  return new URLSearchParams(pairs).toString();
};

describe('one callback, however its body is wrapped', () => {
  test.each<[string, () => string]>([
    ['JSON text', () => APPROVED],
    ['JSON with white space around it', () => `\n ${APPROVED}\n`],
    ['a form with the JSON as a name', () => `${encodeURIComponent(APPROVED)}=`],
    ['a form with the JSON as a name alone', () => encodeURIComponent(APPROVED)],
    ['a form with the JSON as a value', () => `data=${encodeURIComponent(APPROVED)}`],
    ['a form of its fields', asPairs],
    ['escaped slashes and letters', () => APPROVED.replace('"Synth"', '"Ba\\u043dk\\/1"')],
    [
      'a product name that a form parser would take apart',
      () => APPROVED.replace('{', '{"products":[{"name":"a&b=c+d%20[e]"}],'),
    ],
  ])('%s', async (_name, body) => {
    const [movement, ...others] = await movementsOf(body());
    expect(movement).toMatchObject({ id: ORDER, kind: 'payment', amountCents: 1250, uid: 'user1' });
    expect(movement).toHaveProperty('occurredAt', new Date(1767225640 * 1000));
    expect(others).toEqual([]);
  });
});

describe('amounts as PHP prints them', () => {
  test.each([
    ['12.5', '12.5', 1250],
    ['12.50', '12.5', 1250],
    ['12.5', '12.50', 1250],
    ['"12.50"', '12.50', 1250],
    ['100', '100', 10000],
    ['100.00', '100', 10000],
    ['0.16', '0.16', 16],
  ])('%s in the body, %s in the signature', async (written, signed, cents) => {
    const { merchantSignature } = signedReport({ ...report, amount: signed }, SECRET);
    const body = APPROVED.replace('12.5', written).replace(
      /"merchantSignature":"\w+"/,
      `"merchantSignature":"${textOf(merchantSignature)}"`,
    );
    const [movement] = await movementsOf(body, cents);
    expect(movement).toHaveProperty('amountCents', cents);
  });
});

describe('what nobody has proven is refused', () => {
  const signature = textOf(report['merchantSignature']);
  test.each<[string, string | Buffer]>([
    ['an empty body', ''],
    ['no JSON and no form', '{"merchantAccount":'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0])],
    ['an array', '[]'],
    ['no signature', APPROVED.replace('merchantSignature', 'signature')],
    ['an upper-case signature', APPROVED.replace(signature, signature.toUpperCase())],
    ['31 characters of a signature', APPROVED.replace(signature, signature.slice(1))],
    ['a status changed', JSON.stringify({ ...declined(), transactionStatus: 'Approved' })],
    ['a reason changed', APPROVED.replace('1100', '1101')],
    ['an amount changed', APPROVED.replace('12.5,', '125,')],
    ['a currency changed', APPROVED.replace('USD', 'UAH')],
    ['an order changed', APPROVED.replace(ORDER, 'tn-5kq81y')],
    ['an account changed', APPROVED.replace(ACCOUNT, 'synth_merch_2')],
    ['a currency that is an object', APPROVED.replace('"USD"', '{"a":1}')],
  ])('%s', async (_name, body) => {
    await expect(movementsOf(body)).rejects.toThrow(Unauthentic);
  });

  function declined(): Report {
    return signedReport({ ...report, transactionStatus: 'Declined' }, SECRET);
  }

  test('fields that run into each other', async () => {
    const moved = { ...report, orderReference: `${ORDER};12.5`, amount: 'USD', currency: '417935' };
    const shifted = { ...moved, authCode: '53****1234', cardPan: 'Approved' };
    await expect(movementsOfReport({ ...shifted, transactionStatus: 'x;y' })).rejects.toThrow(
      Unauthentic,
    );
  });

  test('another account, signed with our key', async () => {
    const changed = movementsOfReport({ merchantAccount: 'synth_merch_2' });
    await expect(changed).rejects.toThrow(Unauthentic);
  });
});

describe('authentic, and not what was ordered: kept for a person', () => {
  test.each<[string, Report]>([
    ['another amount', { amount: 12 }],
    ['an amount of 0', { amount: 0 }],
    ['a negative amount', { amount: -12.5 }],
    ['an amount that is none', { amount: '12,5' }],
    ['another currency', { currency: 'UAH' }],
  ])('%s', async (_name, changed) => {
    await expect(movementsOfReport(changed)).rejects.toThrow(Unusable);
  });
});

test.each(['tn-unknown', 'a/b'])(
  'a payment of the order %s is not ours',
  async (orderReference) => {
    expect(await movementsOfReport({ orderReference })).toEqual([]);
  },
);

test('a null and a missing authorisation code sign as nothing', async () => {
  expect(await movementsOfReport({ authCode: null })).toHaveLength(1);
  expect(await movementsOfReport({ authCode: undefined })).toHaveLength(1);
});

test.each(['Created', 'InProcessing', 'Pending', 'WaitingAuthComplete', 'Declined', 'Expired'])(
  '%s moves nothing, even of an order we do not know',
  async (transactionStatus) => {
    const orderReference = 'tn-unknown';
    expect(await movementsOfReport({ transactionStatus, orderReference })).toEqual([]);
  },
);

test.each(['Chargeback', 'constructor', 'a b'])('%s is kept for a person', async (status) => {
  await expect(movementsOfReport({ transactionStatus: status })).rejects.toThrow(Unusable);
});

describe('refunds', () => {
  const refunded = { transactionStatus: 'Refunded' };

  beforeEach(() => {
    wayforpay.control.createForeignOrder(ORDER, 1250);
    wayforpay.control.pay(ORDER);
    wayforpay.control.refund(ORDER, 500);
  });

  test('the callback may name the part: the status decides', async () => {
    const [movement] = await movementsOfReport({ ...refunded, amount: 5 });
    expect(movement).toMatchObject({ id: `${ORDER}_refund_500`, amountCents: -500 });
  });

  test('of an unknown sum, unless all of it, is kept for a person', async () => {
    wayforpay.control.hideRefunds(true);
    await expect(movementsOfReport({ ...refunded, amount: 5 })).rejects.toThrow(Unusable);
  });

  test('of an order that WayForPay does not know is kept for a person', async () => {
    wayforpay.control.reset();
    await expect(movementsOfReport(refunded)).rejects.toThrow(Unusable);
  });

  test('of more than was ordered is kept for a person', async () => {
    wayforpay.control.createForeignOrder(ORDER, 9900);
    await expect(movementsOfReport(refunded)).rejects.toThrow(Unusable);
  });

  test.each([
    ['an error of the API', { status: 500 }],
    ['too many requests', { status: 429 }],
    ['half an answer', { cutOff: true as const }],
  ])('%s: WayForPay must tell us again', async (_name, fault) => {
    wayforpay.control.fault({ match: 'POST /api', ...fault });
    await expect(movementsOfReport(refunded)).rejects.toThrow(Unavailable);
    expect(await movementsOfReport(refunded)).toHaveLength(1);
  });

  test('no answer at all: WayForPay must tell us again', async () => {
    wayforpay.control.fault({ match: 'POST /api', timeout: true });
    await expect(movementsOfReport(refunded)).rejects.toThrow(Unavailable);
  }, 15_000);

  test('a refused key is ours to fix', async () => {
    const { merchantSignature } = signedReport({ ...report, ...refunded }, SECRET);
    const event = await (
      await open()
    ).verify(request(JSON.stringify({ ...report, ...refunded, merchantSignature })));
    const elsewhere = await startStandinWithOtherKey();
    await expect((await open()).movements(event)).rejects.toThrow(Misconfigured);
    await elsewhere.stop();
  });
});

async function startStandinWithOtherKey(): Promise<WayforpayStandin> {
  const { startWayforpay } = await import('../../../standins/wayforpay/server.ts');
  const other = await startWayforpay({
    merchantAccount: ACCOUNT,
    secretKey: 'another-standin-key',
    domain: 'app.example.test',
  });
  process.env['WAYFORPAY_API_URL'] = `${other.origin}/api`;
  return other;
}

test("the vendor's public account takes no live money", () => {
  const environment = {
    PAYMENTS_MODE: 'live',
    WAYFORPAY_MERCHANT_ACCOUNT: 'test_merch_n1',
    WAYFORPAY_SECRET_KEY: 'public-standin',
  };
  expect(() => readConfig(environment)).toThrow(Misconfigured);
  expect(() => readConfig({ ...environment, PAYMENTS_MODE: 'test' })).not.toThrow();
  expect(() => readConfig({ ...environment, WAYFORPAY_SECRET_KEY: ' ' })).toThrow(Misconfigured);
});
