import { limitBodies } from './http/body-limit';

limitBodies();

export * as app from './app';
export * as anypay from './gateways/anypay';
export * as cryptomus from './gateways/cryptomus';
export * as payeer from './gateways/payeer';
export * as paypal from './gateways/paypal';
export * as stripe from './gateways/stripe';
export * as wayforpay from './gateways/wayforpay';
export * as sync from './sync';
