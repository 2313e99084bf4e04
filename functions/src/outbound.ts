import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { Unavailable, Unusable } from './errors';
import { send, type Send, type WireAnswer } from './send';

/** Far above every answer that we read: the largest have a few thousand bytes. */
const MAX_ANSWER_BYTES = 1_000_000;

/** A request to an API outside. */
export interface OutboundRequest {
  /** GET when absent. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole call, from the connection to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Ends the call before the timeout. */
  readonly signal?: AbortSignal;
  /** The most bytes that the answer may have, decompressed; one million when absent. */
  readonly maxBytes?: number;
}

/** An answer that was read to its end, whatever its status says. */
export interface Answer {
  readonly status: number;
  /** Whether the status is from 200 to 299. */
  readonly ok: boolean;
  /** By their names in small letters. */
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The bytes as UTF-8. */
  readonly text: string;
}

/** The answer has more bytes than the request allows. */
export class AnswerTooLarge extends Unavailable {
  /** The status that the vendor answered with. */
  readonly answerStatus: number;

  constructor(vendor: string, maxBytes: number, answerStatus: number) {
    super(`${vendor} answered with more than ${maxBytes} bytes.`);
    this.answerStatus = answerStatus;
  }
}

/**
 * Calls an API outside. The caller tells the statuses apart; a redirect is an answer like any
 * other and is not followed, because it would carry our keys to another address.
 * @param vendor the name that the error message gives.
 * @throws Unavailable when no whole answer came: a timeout, the signal, a broken connection.
 * @throws AnswerTooLarge, which is Unavailable, when the answer has more than `maxBytes`.
 */
export async function exchange(
  vendor: string,
  url: string | URL,
  {
    method = 'GET',
    headers = {},
    body,
    timeoutMs,
    signal,
    maxBytes = MAX_ANSWER_BYTES,
  }: OutboundRequest,
  sendFunction: Send = send,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await sendFunction(new URL(url), {
      method,
      headers,
      body,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const { status } = answer;
    const bytes = await readBytes(answer, maxBytes);
    if (bytes === undefined) throw new AnswerTooLarge(vendor, maxBytes, status);
    const ok = status >= 200 && status < 300;
    return { status, ok, headers: answer.headers, bytes, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof AnswerTooLarge) throw error;
    throw new Unavailable(`${vendor} did not answer.`, { cause: error });
  }
}

/** Undefined when the body has more bytes than allowed; the rest of it is then not read. */
async function readBytes({ body }: WireAnswer, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let count = 0;
  for await (const chunk of body) {
    count += chunk.length;
    if (count > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads an object of a vendor's API through the schema of the fields that we use.
 * @param vendor the name that the error message gives.
 * @throws Unusable, with the names of the fields, when the API does not keep its promise.
 */
export function parseAnswer<Schema extends z.ZodType>(
  vendor: string,
  schema: Schema,
  object: unknown,
): z.output<Schema> {
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.join('.'));
  throw new Unusable(`${vendor} returned an object without a usable ${fields.join(', ')}.`);
}
