import { z } from 'zod';
import type { Caller } from './caller';

/**
 * What a call of an app takes and answers. The schemas check every request, and the document for
 * app developers (`docs/openapi.json`) is made of them.
 */
export interface CallContract {
  /** One sentence for who calls. */
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The fields of the JSON body of a POST; of the query, which are texts, of any other method. */
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
}

/** A call as it arrived: with a Firebase ID token, and checked. */
export interface Call<Contract extends CallContract> {
  readonly input: z.output<Contract['input']>;
  readonly caller: Caller;
  /** The `Idempotency-Key` header. */
  readonly idempotencyKey: string | undefined;
}

/** What the app gets. */
export type Reply<Contract extends CallContract> = z.input<Contract['output']>;

/** What a deployed function tells the document about itself. */
export type Published =
  | { readonly kind: 'call'; readonly contract: CallContract; readonly isPublic: boolean }
  | { readonly kind: 'webhook' };

/** How much to top up; the bounds are the deployment's. */
export const topUpAmount = z.int().describe('US cents.');

/** Where a payment page sends the buyer back to. */
export const returnUrl = z.string().describe('An address on an allowed origin.');
