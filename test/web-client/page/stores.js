import { post } from './calls.js';
import { jsonOf } from './json.js';
import { currentUser } from './session.js';

/** @param {string} productId */
export async function buyInAppStore(productId) {
  /** @type {import('../contracts.ts').Fields<'appstore-createTransaction'>} */
  const proof = await buy('appstore', productId);
  const { result } = await post('appstore-createTransaction', proof);
  if (result === 'finish') throw new Error('The App Store has taken no money.');
}

/** @param {string} productId */
export async function buyInGooglePlay(productId) {
  /** @type {import('../contracts.ts').Fields<'googleplay-createTransaction'>} */
  const proof = await buy('googleplay', productId);
  await post('googleplay-createTransaction', proof);
}

/**
 * Buys as a phone would: a browser cannot, so the stack buys at the stand-in for the store.
 * @template T
 * @param {string} store
 * @param {string} productId
 * @returns {Promise<T>} the fields that an app sends
 */
async function buy(store, productId) {
  const uid = (await currentUser())?.uid ?? '';
  const query = new URLSearchParams({ store, product: productId, uid });
  const bought = await fetch(`/purchase?${query.toString()}`, { method: 'POST' });
  if (!bought.ok) throw new Error('The store has not sold it. Is it a product of the store?');
  return jsonOf(bought);
}
