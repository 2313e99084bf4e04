import type { Handler, Reply } from '../http.ts';
import { html, page, seeOther } from '../page.ts';
import type { Account, Invoices } from './invoices.ts';

/** `next`, with the invoices' pages in front: the buyer pays there and is sent back to the app. */
export function withPaymentPages(
  invoices: Invoices,
  pay: (uuid: string) => unknown,
  next: Handler,
): Handler {
  return (call) => {
    const uuid = /^\/pay\/([\w-]+)$/.exec(call.path)?.[1];
    if (uuid === undefined) return next(call);
    const account = invoices.find({ uuid });
    if (!account) return { ...page('Cryptomus', 'No such invoice.'), status: 404 };
    if (call.method === 'POST' && account.invoice.status === 'check') {
      pay(uuid);
      if (account.urlSuccess !== null) return seeOther(account.urlSuccess);
    }
    return shown(account);
  };
}

function shown({ invoice, urlReturn }: Account): Reply {
  const isOpen = invoice.status === 'check';
  const button = isOpen ? '<form method="post"><button>Pay</button></form>' : '';
  const back = urlReturn === null ? '' : html`<p><a href="${urlReturn}">Back to the shop</a></p>`;
  const asked = html`<p class="amount">${invoice.amount} ${invoice.currency}</p>
    <p>${isOpen ? 'Waiting for your coins.' : `This invoice is ${invoice.status}.`}</p>`;
  return page('Cryptomus (stand-in)', asked + button + back);
}
