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
  byId('transactions').replaceChildren(...transactions.map(rowOf));
  byId('no-transactions').hidden = transactions.length > 0;
}

/** @param {{ created_at: number, gateway: string, amount: number }} transaction */
function rowOf({ created_at: seconds, gateway, amount }) {
  const row = document.createElement('tr');
  const when = new Date(seconds * 1000).toLocaleString();
  for (const text of [when, gateway, inDollars(amount)]) row.insertCell().textContent = text;
  row.cells[2]?.classList.add('number');
  return row;
}
