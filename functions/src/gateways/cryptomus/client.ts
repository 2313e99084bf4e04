import { z } from 'zod';
import { Misconfigured, Unavailable } from '../../errors';
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
  const { status, text } = await exchange(config, path, JSON.stringify(parameters), timeoutMs);
  if (status === 401) {
    throw new Misconfigured(
      'Cryptomus refuses CRYPTOMUS_PAYMENT_KEY or does not know CRYPTOMUS_MERCHANT_ID.',
    );
  }
  const answer = parseJson(text);
  const isSuccess = status >= 200 && status < 300;
  const { data } = success.safeParse(answer);
  if (isSuccess && data !== undefined) return data;
  const isRefused = (isSuccess || (status >= 400 && status < 500)) && status !== 429;
  if (isRefused && refusal.safeParse(answer).success) return undefined;
  throw new Unavailable(`Cryptomus answered ${status} without an answer.`);
}

/** The body is signed as it is sent; a redirect would carry the signature elsewhere. */
async function exchange(
  { url, merchantId, paymentKey }: CryptomusConfig,
  path: string,
  body: string,
  timeoutMs: number,
) {
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        merchant: merchantId,
        sign: sign(body, paymentKey),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new Unavailable('Cryptomus did not answer.', { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
