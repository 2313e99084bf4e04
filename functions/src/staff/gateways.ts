/** The gateways whose own ids the staff looks for, a line each. */
export * as anypay from '../gateways/anypay/config';
export * as appstore from '../gateways/appstore/config';
export * as cryptomus from '../gateways/cryptomus/config';
export * as googleplay from '../gateways/googleplay/config';
export * as payeer from '../gateways/payeer/config';
export * as paypal from '../gateways/paypal/config';
export * as stripe from '../gateways/stripe/config';
export * as wayforpay from '../gateways/wayforpay/config';
