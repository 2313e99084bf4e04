import { startWebClient, type Buy } from '../../test/web-client/server.ts';
import type { Surroundings } from '../../test/web-client/surroundings.ts';
import { accountTokenOf } from '../../test/standins/account-token.ts';
import type { AppStoreControl } from '../../test/standins/appstore/server.ts';
import { remote } from '../../test/standins/control.ts';
import type { GooglePlayControl } from '../../test/standins/googleplay/control.ts';
import type { GoogleControl } from '../../test/standins/google/server.ts';
import { anypay } from './gateways/anypay.ts';
import { appstore } from './gateways/appstore.ts';
import { googleplay } from './gateways/googleplay.ts';
import { gateways } from './gateways/index.ts';
import { payeer } from './gateways/payeer.ts';
import { stripe } from './gateways/stripe.ts';
import { functionsUrl, origin, ports, PROJECT, valueOf, type Values } from './values.ts';

const google = remote<GoogleControl>(origin(ports.google));
const appStore = remote<AppStoreControl>(origin(appstore.port));
const googlePlay = remote<GooglePlayControl>(origin(googleplay.port));

function surroundingsOf(values: Values): Surroundings {
  const products = JSON.parse(valueOf(values, 'STORE_PRODUCTS')) as Record<string, number>;
  return {
    functionsUrl,
    authUrl: origin(ports.auth),
    projectId: PROJECT,
    stripeUrl: origin(stripe.port),
    payeerUrl: origin(payeer.port),
    anypayUrl: origin(anypay.port),
    gateways: gateways.filter((one) => isOn(one.parameters, values)).map(({ name }) => name),
    products: Object.entries(products).map(([id, cents]) => ({ id, cents })),
  };
}

function isOn(parameters: Values['parameters'], values: Values): boolean {
  const name = Object.keys(parameters).find((one) => one.endsWith('_ENABLED')) ?? '';
  return valueOf(values, name) === 'true';
}

/** Buys at the stand-ins. */
const buy: Buy = async (store, productId, uid) => {
  const accountToken = accountTokenOf(uid);
  if (store === appstore.name) {
    const bought = await appStore.buy({ productId, appAccountToken: accountToken });
    return { signed_transaction: bought.signedTransaction };
  }
  if (store === googleplay.name) {
    const { token } = await googlePlay.buy({ productId, accountId: accountToken });
    return { product_id: productId, purchase_token: token };
  }
  return undefined;
};

/**
 * Serves the page that pays on the stack; only at its own port the functions let it call them. Where
 * reCAPTCHA is on, the page gets its tokens from the stand-in.
 */
export function openWebClient(values: Values, port: number = ports.webClient) {
  const siteKey = values.parameters['RECAPTCHA_SITE_KEY'] ?? '';
  const solve = async (action: string) => {
    if (siteKey === '') return '';
    const { hostname } = new URL(origin(ports.webClient));
    return google.solve({ siteKey, action, hostname });
  };
  return startWebClient(surroundingsOf(values), port, solve, buy);
}
