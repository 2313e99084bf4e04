import { z } from 'zod';
import { Misconfigured, Unavailable } from '../../errors';
import { parseJson } from '../../json';
import { exchange } from '../../outbound';
import type { CryptomusConfig } from './config';
import { sign } from './signature';

/** For one call, its body included. */
const TIMEOUT_MS = 10_000;

/** https://doc.cryptomus.com/merchant-api/request-format */
const success = z.object({ state: z.literal(0), result: z.unknown() });
const refusal = z.object({ state: z.literal(1) });

/**
 * Posts to Cryptomus's API. Returns the result, or undefined when Cryptomus refuses the request in
 * its own words.
 * @throws Unavailable when there is no such answer in time: repeating helps.
 * @throws Misconfigured when the key or the merchant is not known.
 */
export async function post(
  config: CryptomusConfig,
  path: string,
  parameters: object,
  timeoutMs: number = TIMEOUT_MS,
): Promise<{ readonly result: unknown } | undefined> {
  const { url, merchantId, paymentKey } = config;
  // The body is signed as it is sent.
  const body = JSON.stringify(parameters);
  const { status, ok, text } = await exchange('Cryptomus', `${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      merchant: merchantId,
      sign: sign(body, paymentKey),
    },
    body,
    timeoutMs,
  });
  if (status === 401) {
    throw new Misconfigured(
      'Cryptomus refuses CRYPTOMUS_PAYMENT_KEY or does not know CRYPTOMUS_MERCHANT_ID.',
    );
  }
  const answer = parseJson(text);
  const { data } = success.safeParse(answer);
  if (ok && data !== undefined) return data;
  const isRefused = (ok || (status >= 400 && status < 500)) && status !== 429;
  if (isRefused && refusal.safeParse(answer).success) return undefined;
  throw new Unavailable(`Cryptomus answered ${status} without an answer.`);
}
