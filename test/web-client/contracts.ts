import type * as app from '../../functions/src/app/calls.ts';
import type * as anypay from '../../functions/src/gateways/anypay/calls.ts';
import type * as appstore from '../../functions/src/gateways/appstore/calls.ts';
import type * as cryptomus from '../../functions/src/gateways/cryptomus/calls.ts';
import type * as googleplay from '../../functions/src/gateways/googleplay/calls.ts';
import type * as payeer from '../../functions/src/gateways/payeer/calls.ts';
import type * as paypal from '../../functions/src/gateways/paypal/calls.ts';
import type * as stripe from '../../functions/src/gateways/stripe/calls.ts';
import type * as wayforpay from '../../functions/src/gateways/wayforpay/calls.ts';
import type { Reply } from '../../functions/src/http/call.ts';
import type { z } from '../../functions/node_modules/zod/index.js';

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
  'anypay-createPayment': typeof anypay.createPayment;
  'wayforpay-createPayment': typeof wayforpay.createPayment;
  'appstore-createTransaction': typeof appstore.createTransaction;
  'googleplay-createTransaction': typeof googleplay.createTransaction;
}

export type Name = keyof Contracts;

/** The fields of a call, as they are sent. */
export type Fields<N extends Name> = z.input<Contracts[N]['input']>;

export type Answer<N extends Name> = Reply<Contracts[N]>;
