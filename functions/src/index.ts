import { askForMode } from './config/mode-question';
import { limitBodies } from './http/body-limit';
import { endOnStrayErrors } from './http/last-resort';

askForMode();
limitBodies();
endOnStrayErrors();

export * as anypay from './gateways/anypay';
export * as appstore from './gateways/appstore';
export * as cryptomus from './gateways/cryptomus';
export * as googleplay from './gateways/googleplay';
export * as payeer from './gateways/payeer';
export * as paypal from './gateways/paypal';
export * as stripe from './gateways/stripe';
export * as wayforpay from './gateways/wayforpay';
export * as app from './app';
export * as staff from './staff';
export * as sync from './sync';
