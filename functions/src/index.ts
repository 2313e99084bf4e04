import { limitBodies } from './http/body-limit';

limitBodies();

export * as cryptomus from './gateways/cryptomus';
export * as paypal from './gateways/paypal';
export * as stripe from './gateways/stripe';
export * as sync from './sync';
