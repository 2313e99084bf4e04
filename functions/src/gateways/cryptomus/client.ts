import { z } from 'zod';
import { Misconfigured, Unavailable } from '../../errors';
import { parseJson } from '../../json';
import { exchange } from '../../outbound';
import type { CryptomusApiConfig } from './config';
import { sign } from './signature';

/** The limit of one call. */
const TIMEOUT_MS = 10_000;

/** https://doc.cryptomus.com/merchant-api/request-format */
const success = z.object({ state: z.literal(0), result: z.unknown() });
const refusal = z.object({ state: z.literal(1) });

/**
 * Posts to Cryptomus's API.
 * @returns the result; undefined when Cryptomus refuses the request and says so.
 * @throws Unavailable when Cryptomus does not answer in time.
 * @throws Misconfigured when Cryptomus does not know the key or the merchant.
 */
export async function post(
  config: CryptomusApiConfig,
  path: string,
  parameters: object,
  timeoutMs: number = TIMEOUT_MS,
): Promise<{ readonly result: unknown } | undefined> {
  const { url, merchantId, paymentKeys } = config;
  // The signature is made of the bytes that are sent.
  const body = JSON.stringify(parameters);
  const { status, ok, text } = await exchange('Cryptomus', `${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      merchant: merchantId,
      sign: sign(body, paymentKeys[0]),
    },
    body,
    timeoutMs,
  });
  if (status === 401) {
    throw new Misconfigured(
      'Cryptomus refuses CRYPTOMUS_PAYMENT_KEY or does not know CRYPTOMUS_MERCHANT_ID: set both of one project.',
    );
  }
  const answer = parseJson(text);
  const { data } = success.safeParse(answer);
  if (ok && data !== undefined) return data;
  const isRefused = (ok || (status >= 400 && status < 500)) && status !== 429;
  if (isRefused && refusal.safeParse(answer).success) return undefined;
  throw new Unavailable(`Cryptomus answered ${status} without an answer.`);
}
