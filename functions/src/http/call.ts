import { z } from 'zod';
import type { StaffRole } from '../roles/role';
import type { Caller } from './caller';

/**
 * The request and the answer of a call of an app, or of the staff. The schemas check every request, and the document
 * for app developers (`docs/openapi.json`) is made of them.
 */
export interface CallContract {
  /** One sentence for app developers. */
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The fields of a POST's JSON body; for any other method those of the query, which are strings. */
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** The refusals that other calls do not have, by status. */
  readonly refusals?: Readonly<Partial<Record<404 | 409, string>>>;
  /**
   * Set by every call that places an order: the action that the app names when it asks reCAPTCHA
   * for a token. The input then has the `recaptchaFields`.
   */
  readonly recaptchaAction?: `${string}_payment`;
  /** Set by a call of the staff: the least role that may make it. */
  readonly staffRole?: StaffRole;
}

/** A call after its checks: the caller is known and the input fits its schema. */
export interface Call<Contract extends CallContract> {
  readonly input: z.output<Contract['input']>;
  readonly caller: Caller;
  /** The `Idempotency-Key` header. */
  readonly idempotencyKey: string | undefined;
}

/** The answer that the app gets. */
export type Reply<Contract extends CallContract> = z.input<Contract['output']>;

/** The part of a deployed function that `docs/openapi.json` and Hosting's addresses are made of. */
export type Published =
  | { readonly kind: 'call'; readonly contract: CallContract; readonly isPublic: boolean }
  | {
      readonly kind: 'webhook';
      readonly contentType: string;
      /** Whether it takes events from the gateway's addresses alone, where these are known. */
      readonly isHeldToAddresses: boolean;
    };

/** How much to top up. A call that takes it places an order. */
export const topUpAmount = z.int().meta({
  description:
    'US cents, within the bounds of the deployment: from 500 to 100000 unless it sets others.',
  examples: [1500],
});

/** The id of the order that a call has placed. */
export const orderId = z.string().describe('Our order: ask `app-getPayment` about it.');

/** The reCAPTCHA fields of every call that places an order; ignored when reCAPTCHA is off. */
export const recaptchaFields = {
  recaptcha_token: z
    .string()
    .max(16_384)
    .default('')
    .describe('From reCAPTCHA Enterprise, good once; empty where it is off.'),
  platform: z
    .string()
    .max(32)
    .default('web')
    .describe('web, android or ios: whose site key the token was made with.'),
};

export const recaptchaProof = z.object(recaptchaFields);
export type RecaptchaProof = z.output<typeof recaptchaProof>;

/** Where a payment page sends the buyer back to. */
export const returnUrl = z.string().meta({
  description: 'An http or https address on an origin that the deployment allows.',
  examples: ['http://localhost:3000/funds'],
});
