/** The gateways that have something to tell every app, a line each. */
export * as anypay from '../gateways/anypay/config';
export * as cryptomus from '../gateways/cryptomus/config';
export * as payeer from '../gateways/payeer/config';
export * as paypal from '../gateways/paypal/config';
export * as stripe from '../gateways/stripe/config';
