const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });

/** @param {number} cents */
export function inDollars(cents) {
  return dollars.format(cents / 100);
}

/**
 * The cents of an amount that was typed: `25`, `12.5`, `$1,000.00`.
 * @param {string} typed
 * @throws an error in words for the user
 */
export function centsOf(typed) {
  const text = typed.trim().replace(/^\$\s*/, '');
  const match = /^(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{1,2}))?$/.exec(text);
  const [, whole = '', part = ''] = match ?? [];
  const cents = Number(whole.replaceAll(',', '')) * 100 + Number(part.padEnd(2, '0'));
  if (match === null || cents === 0) {
    throw new Error('Type the amount in dollars and cents, such as 12.50.');
  }
  return cents;
}
