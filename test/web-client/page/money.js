const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });

/** @param {number} cents */
export function inDollars(cents) {
  return dollars.format(cents / 100);
}
