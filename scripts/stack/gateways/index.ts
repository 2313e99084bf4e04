import { anypay } from './anypay.ts';
import { appstore } from './appstore.ts';
import { cryptomus } from './cryptomus.ts';
import type { LocalGateway } from './gateway.ts';
import { googleplay } from './googleplay.ts';
import { payeer } from './payeer.ts';
import { paypal } from './paypal.ts';
import { stripe } from './stripe.ts';
import { wayforpay } from './wayforpay.ts';

/** Every gateway that the stack brings up; a new one is one line here. */
export const gateways: readonly LocalGateway[] = [
  stripe,
  paypal,
  cryptomus,
  payeer,
  anypay,
  wayforpay,
  appstore,
  googleplay,
];
