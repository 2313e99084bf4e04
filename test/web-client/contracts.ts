import type * as app from '../../functions/src/app/calls.ts';
import type * as cryptomus from '../../functions/src/gateways/cryptomus/calls.ts';
import type * as payeer from '../../functions/src/gateways/payeer/calls.ts';
import type * as paypal from '../../functions/src/gateways/paypal/calls.ts';
import type * as stripe from '../../functions/src/gateways/stripe/calls.ts';
import type { Call, Reply } from '../../functions/src/http/call.ts';

/** What the page calls; it is checked against what is deployed. */
interface Contracts {
  'app-getBalance': typeof app.getBalance;
  'app-getPublicKeys': typeof app.getPublicKeys;
  'app-getTransactions': typeof app.getTransactions;
  'stripe-getPaymentIntent': typeof stripe.getPaymentIntent;
  'stripe-getPaymentIntentStatus': typeof stripe.getPaymentIntentStatus;
  'paypal-createOrder': typeof paypal.createOrder;
  'paypal-captureOrder': typeof paypal.captureOrder;
  'cryptomus-createPayment': typeof cryptomus.createPayment;
  'payeer-createOrder': typeof payeer.createOrder;
}

export type Name = keyof Contracts;

/** The fields of a call, and what web apps send along with some. */
export type Fields<N extends Name> = Call<Contracts[N]>['input'] & {
  recaptcha_token?: string;
  platform?: 'web';
};

export type Answer<N extends Name> = Reply<Contracts[N]>;
