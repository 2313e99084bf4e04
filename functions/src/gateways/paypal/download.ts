import { Unauthentic, Unavailable } from '../../errors';
import { AnswerTooLarge, exchange, type Answer } from '../../outbound';
import type { Send } from '../../send';

/** A certificate has about 2 KB, and a chain of them has less than this. */
const MAX_BYTES = 16_384;
const TIMEOUT_MS = 5_000;

/**
 * Downloads a small file. Redirects are not followed.
 * @throws Unavailable when there is no answer in time, or its status invites another try.
 * @throws Unauthentic when there is no such file, or it is too large.
 */
export async function download(url: string, send: Send): Promise<Buffer> {
  const { status, bytes } = await read(url, send);
  if (status >= 200 && status < 300 && bytes !== undefined) return bytes;
  if (isTemporary(status)) throw new Unavailable('No certificate could be downloaded now.');
  throw new Unauthentic('There is no such certificate.');
}

/** Without the bytes where there are too many of them for a certificate. */
async function read(url: string, send: Send): Promise<Pick<Answer, 'status'> & Partial<Answer>> {
  const request = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
  try {
    return await exchange("PayPal's certificate server", url, request, send);
  } catch (error) {
    if (error instanceof AnswerTooLarge) return { status: error.answerStatus };
    throw error;
  }
}

function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}
