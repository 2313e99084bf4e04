import { get } from './calls.js';
import { inDollars } from './money.js';
import { byId } from './view.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
const GIVE_UP_AFTER_MS = 90_000;
const ROWS = '10';

/** Reads and shows the balance; resolves to it and to what is on its way, in cents. */
export async function showBalance() {
  const { total, pending } = await get('app-getBalance');
  byId('total').textContent = inDollars(total);
  byId('pending').textContent = inDollars(pending);
  return { total, pending };
}

/**
 * Asks again and again, less and less often, until the balance is above what it was and nothing is
 * on its way any more: what has just arrived may for a moment be told as both.
 * @param {number} beforeCents
 * @returns {Promise<number>} by how many cents it has risen; 0 when it has not in good time
 */
export async function awaitRise(beforeCents) {
  const giveUpAt = Date.now() + GIVE_UP_AFTER_MS;
  for (let pauseMs = FIRST_PAUSE_MS; Date.now() < giveUpAt; pauseMs *= 1.5) {
    const { total, pending } = await showBalance();
    if (total > beforeCents && pending === 0) return total - beforeCents;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, LONGEST_PAUSE_MS)));
  }
  return 0;
}

/** Reads and shows the newest movements of money. */
export async function showTransactions() {
  const { transactions } = await get('app-getTransactions', { page: '1', limit: ROWS });
  byId('transactions').replaceChildren(...transactions.map((one) => rowOf(one, transactions)));
  byId('no-transactions').hidden = transactions.length > 0;
}

/** Takes away what was shown of a user. */
export function showNothing() {
  for (const id of ['total', 'pending']) byId(id).textContent = '–';
  byId('transactions').replaceChildren();
  byId('no-transactions').hidden = true;
}

/** @typedef {import('../contracts.ts').Answer<'app-getTransactions'>['transactions'][number]} Transaction */

const kinds = {
  payment: 'Payment',
  refund: 'Refund',
  refund_failed: 'Refund that failed',
  refund_reversed: 'Refund taken back',
  dispute: 'Dispute',
  dispute_reversed: 'Dispute won',
  adjustment: 'Adjustment by the shop',
  move: 'Moved between accounts by the shop',
};

/** @param {Transaction} transaction @param {readonly Transaction[]} all */
function rowOf({ created_at: seconds, gateway, amount, kind, parent_id, is_refused }, all) {
  const row = document.createElement('tr');
  const name = kind === undefined ? 'Adjustment by the shop' : kinds[kind];
  const parent = all.find(({ transaction_id: id }) => id === parent_id);
  const of = parent === undefined ? parent_id : `${inDollars(parent.amount)}, ${at(parent)}`;
  const what = of === undefined ? name : `${name} of the payment ${of}`;
  const refused = is_refused ? ' (refused: ask the shop)' : '';
  const texts = [at({ created_at: seconds }), what + refused, gateway, inDollars(amount)];
  for (const text of texts) row.insertCell().textContent = text;
  row.cells[3]?.classList.add('number');
  return row;
}

/** @param {Pick<Transaction, 'created_at'>} transaction */
function at({ created_at: seconds }) {
  const when = new Date(seconds * 1000);
  return when.toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' });
}
