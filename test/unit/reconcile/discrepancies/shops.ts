import type { Books } from './books.ts';
import type { Skewed } from './generator.ts';
import type { Shop, ShopOptions } from './shop.ts';
import { openAnypay } from './shops/anypay.ts';
import { openAppStore } from './shops/appstore.ts';
import { openCryptomus } from './shops/cryptomus.ts';
import { openGooglePlay } from './shops/googleplay.ts';
import { openPayeer } from './shops/payeer.ts';
import { openPayPal } from './shops/paypal.ts';
import { openStripe } from './shops/stripe.ts';
import { openWayforpay } from './shops/wayforpay.ts';

const SECOND_MS = 1_000;

/** All gateways, and how far the clock of each is ahead of ours, in seconds. */
const all: readonly [(options: ShopOptions) => Promise<Shop>, number][] = [
  [openStripe, 35],
  [openPayPal, -20],
  [openWayforpay, 61],
  [openAnypay, -47],
  [openCryptomus, 12],
  [openPayeer, -8],
  [openAppStore, 23],
  [openGooglePlay, 0],
];

export async function openShops(books: Books): Promise<readonly Skewed[]> {
  const opened: Skewed[] = [];
  for (const [open, skewS] of all) {
    const skewMs = skewS * SECOND_MS;
    opened.push({ skewMs, shop: await open({ books, now: () => Date.now() + skewMs }) });
  }
  return opened;
}
