import { parseEvent } from '../../../../functions/src/gateways/cryptomus/events.ts';
import { sign, checkSignature } from '../../../../functions/src/gateways/cryptomus/signature.ts';
import { Unauthentic } from '../../../../functions/src/errors.ts';
import { signatureOf, signedBody } from '../../../standins/cryptomus/signature.ts';

const KEY = 'TESTKEYcryptomusSynthetic0123456789abcdef';

/** A signed text and its signature, computed with PHP by somebody else. */
const vectors = {
  'CM-1': {
    text: '{"type":"payment","uuid":"0f9d3b52-6a41-4c8e-9b57-2d1c7e5a8f10","order_id":"tn_7Qm2xK4c","amount":"12.50000000","payment_amount":"12.50000000","payment_amount_usd":"12.50","merchant_amount":"12.25000000","commission":"0.25000000","is_final":true,"status":"paid","from":"TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE","wallet_address_uuid":null,"network":"tron","currency":"USD","payer_currency":"USDT","additional_data":null,"txid":"4d1f0c9a7be25836e1f4a0d7c3b2958e6f7a1c0d9e8b7a6f5e4d3c2b1a09f8e7"}',
    sign: 'a46e0c174699cecd48a3fb9b747aa764',
  },
  'CM-2': {
    text: '{"type":"payment","uuid":"a7c1e0d4-33b2-4f6a-8d90-5e4f3c2b1a09","order_id":"tn_9Zt5wR1b","amount":"20.00000000","payment_amount":"3.91000000","payment_amount_usd":"20.14","merchant_amount":"3.83180000","commission":"0.07820000","is_final":true,"status":"paid_over","from":"UQD\\/3k9x+Zm","wallet_address_uuid":null,"network":"ton","currency":"USD","payer_currency":"TON","additional_data":"Поповнення €20 \\/ Zoë","txid":"x7\\/Qp+9aZk\\/4="}',
    sign: '1e659a741b5d12c10ca76c45f1ac7c93',
  },
  'CM-4': {
    text: '{"type":"payment","uuid":"0f9d3b52-6a41-4c8e-9b57-2d1c7e5a8f10","order_id":"tn_7Qm2xK4c","amount":"12.50000000","payment_amount":"12.50000000","payment_amount_usd":"12.50","merchant_amount":"12.25000000","commission":"0.25000000","is_final":true,"status":"refund_paid","from":null,"wallet_address_uuid":null,"network":"tron","currency":"USD","payer_currency":"USDT","additional_data":null,"txid":null}',
    sign: 'a75af9dbff8afe435fcd903a974d013b',
  },
  'CM-5': {
    text: '{"type":"payment","additional_data":"a\\u2028b\u{1F600}\u007F\\/"}',
    sign: '245bf90fe987f7ff62dfd8670436195d',
  },
} as const;

type Vector = keyof typeof vectors;

/** The vector's signature as the last member of a body that may be spelled in another way. */
function body(vector: Vector, spell: (text: string) => string = (text) => text): Buffer {
  const { text, sign: signature } = vectors[vector];
  return Buffer.from(spell(text).replace(/\}$/, `,"sign":"${signature}"}`));
}

function ascii(text: string): string {
  return text.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function plain(text: string): string {
  return text.replaceAll('\\/', '/');
}

describe.each(Object.keys(vectors) as Vector[])('%s', (vector) => {
  const { text, sign: signature } = vectors[vector];

  test('is signed so', () => {
    expect(sign(text, KEY)).toBe(signature);
    expect(signatureOf(text, KEY)).toBe(signature);
  });

  test('is proven as it was signed', () => {
    expect(checkSignature(body(vector), [KEY])).toBe(text);
  });

  test.each([
    ['escaped past ASCII', ascii],
    ['with plain slashes', plain],
    ['with line separators as they are', (spelled: string) => spelled.replace('\\u2028', '\u2028')],
  ])('is proven when it travels %s', (_, spell) => {
    expect(checkSignature(body(vector, spell), [KEY])).toBe(text);
  });

  test('is refused under another key', () => {
    expect(() => checkSignature(body(vector), [`${KEY}0`])).toThrow(Unauthentic);
    expect(() => checkSignature(body(vector), [''])).toThrow(Unauthentic);
  });
});

test('CM-2 cannot be proven by what JSON.stringify makes of it', () => {
  const { text: signed, sign: genuine } = vectors['CM-2'];
  expect(sign(JSON.stringify(JSON.parse(signed)), KEY)).not.toBe(genuine);
});

test('CM-3: a request is signed over the bytes that are sent', () => {
  const request =
    '{"amount":"12.50","currency":"USD","order_id":"tn_7Qm2xK4c","url_callback":"https://api.example.test/cryptomus-handleWebhookEvents","lifetime":3600}';
  expect(sign(request, KEY)).toBe('33ef27c9c14f63b6f12cfb0ed8e40e9b');
});

test('what arrived as it was signed needs no other spelling: numbers and order stay as they are', () => {
  const text = '{"b":1.0,"2":"x","1":1e2,"a":"y"}';
  for (const spelled of [
    `${text.slice(0, -1)},"sign":"${sign(text, KEY)}"}`,
    `{"sign":"${sign(text, KEY)}",${text.slice(1)}`,
    text.replace('"2"', `"sign":"${sign(text, KEY)}","2"`),
  ]) {
    expect(checkSignature(Buffer.from(spelled), [KEY])).toBe(text);
  }
});

test('an upper-case signature is the same signature', () => {
  const spelled = body('CM-1')
    .toString()
    .replace(vectors['CM-1'].sign, (hex) => hex.toUpperCase());
  expect(checkSignature(Buffer.from(spelled), [KEY])).toBe(vectors['CM-1'].text);
});

const { text, sign: signature } = vectors['CM-1'];
const nested = '['.repeat(200_000) + ']'.repeat(200_000);
const withSign = (member: string) => text.replace(/\}$/, `,${member}}`);

test.each<[string, string | Buffer]>([
  ['keys in another order', `{"sign":"${signature}","uuid":"x","type":"payment"}`],
  ['one digit changed', body('CM-1').toString().replace('"12.50"', '"92.50"')],
  ['another status', body('CM-4').toString().replace('refund_paid', 'paid')],
  ['no signature', text],
  ['an empty signature', withSign('"sign":""')],
  ['a number', withSign('"sign":12')],
  ['an array', withSign(`"sign":["${signature}"]`)],
  ['null', withSign('"sign":null')],
  ['31 digits', withSign(`"sign":"${signature.slice(1)}"`)],
  ['33 digits', withSign(`"sign":"${signature}0"`)],
  [
    'two signatures, the first one right',
    withSign(`"sign":"${signature}","sign":"${'0'.repeat(32)}"`),
  ],
  [
    'two signatures, the last one right',
    withSign(`"sign":"${'0'.repeat(32)}","sign":"${signature}"`),
  ],
  ['one inside', `{"inside":${withSign(`"sign":"${signature}"`)}}`],
  ['its name spelled otherwise', withSign(`"\\u0073ign":"${signature}"`)],
  ['a list', '[]'],
  ['a text', '"x"'],
  ['null', 'null'],
  ['a number', '1'],
  ['nothing', ''],
  ['a form', 'type=payment&status=paid'],
  ['invalid UTF-8', Buffer.concat([body('CM-1').subarray(0, -2), Buffer.from([0xff, 0x22, 0x7d])])],
  ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body('CM-1')])],
  ['a megabyte', withSign(`"pad":"${'/'.repeat(1_000_000)}","sign":"${signature}"`)],
  ['deep nesting', `{"a":${nested},"sign":"${signature}"}`],
  ['more after it', `${body('CM-1').toString()}{}`],
])('refused: %s', (_, given) => {
  expect(() => checkSignature(Buffer.from(given), [KEY])).toThrow(Unauthentic);
});

test('bytes that are no UTF-8 are not read as the character that stands for them', () => {
  const replaced = '{"a":"\ufffd"}';
  const genuine = `{"a":"\ufffd","sign":"${sign(replaced, KEY)}"}`;
  expect(checkSignature(Buffer.from(genuine), [KEY])).toBe(replaced);
  const broken = Buffer.from(genuine.replace('\ufffd', '\xff'), 'latin1');
  expect(() => checkSignature(broken, [KEY])).toThrow(Unauthentic);
});

test('keys in another order are another text', () => {
  const { type, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const reordered = JSON.stringify({ ...rest, type, sign: signature });
  expect(() => checkSignature(Buffer.from(reordered), [KEY])).toThrow(Unauthentic);
});

test.each(['signed', 'escaped', 'plain'] as const)(
  'whatever bit is flipped in a body that travels %s, what is read is what was signed',
  (spelling) => {
    const payload = JSON.parse(vectors['CM-2'].text) as object;
    const genuine = Buffer.from(signedBody(payload, KEY, spelling));
    const event = parseEvent(checkSignature(genuine, [KEY]));
    let accepted = 0;
    for (let bit = 0; bit < genuine.length * 8; bit += 1) {
      const flipped = Buffer.from(genuine);
      flipped.writeUInt8(genuine.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      try {
        expect(parseEvent(checkSignature(flipped, [KEY]))).toEqual(event);
        accepted += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(Unauthentic);
      }
    }
    // The case of hexadecimal digits is all that may change.
    expect(accepted).toBeLessThan(60);
  },
);
