/** The gateways with public keys for the apps, a line each. */
export * as anypay from '../gateways/anypay/config';
export * as cryptomus from '../gateways/cryptomus/config';
export * as payeer from '../gateways/payeer/config';
export * as paypal from '../gateways/paypal/config';
export * as stripe from '../gateways/stripe/config';
