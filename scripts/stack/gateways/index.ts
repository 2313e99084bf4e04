import { cryptomus } from './cryptomus.ts';
import type { LocalGateway } from './gateway.ts';
import { paypal } from './paypal.ts';
import { stripe } from './stripe.ts';

/** Every gateway that the stack brings up; a new one is one line here. */
export const gateways: readonly LocalGateway[] = [stripe, paypal, cryptomus];
