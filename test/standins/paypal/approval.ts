import type { Handler, Reply } from '../http.ts';
import { html, page } from '../page.ts';
import type { Account } from './account.ts';
import { approve } from './acts.ts';
import type { Order } from './objects.ts';

const PATH = '/checkoutnow';

/** Where the buyer approves an order. */
export function approvalUrl(origin: string, orderId: string): string {
  return `${origin}${PATH}?token=${orderId}`;
}

/** `next`, with the page in front that PayPal's own script opens in a window of its own. */
export function withApproval(account: Account, next: Handler): Handler {
  return (call) => {
    if (call.path !== PATH) return next(call);
    const fields = call.method === 'POST' ? new URLSearchParams(call.body) : call.query;
    const order = account.find(fields.get('token') ?? '');
    if (order?.kind !== 'order') return { ...page('PayPal', 'No such order.'), status: 404 };
    if (call.method !== 'POST') return question(order);
    approve(account, order.id, 'COMPLETED');
    return approved(order);
  };
}

function question({ id, amount }: Order): Reply {
  return page(
    'PayPal (stand-in)',
    html`<p class="amount">${amount.value} ${amount.currency_code}</p>
      <form method="post" action="${PATH}">
        <input type="hidden" name="token" value="${id}" />
        <button>Pay now</button>
        <button type="button" onclick="window.close()">Cancel</button>
      </form>`,
  );
}

/** Tells the page that opened the window; whoever it is, it learns an id that it knows. */
function approved({ id }: Order): Reply {
  return page(
    'Approved',
    html`<script data-order="${id}">
      const { order } = document.currentScript.dataset;
      window.opener?.postMessage({ orderID: order }, '*');
      window.close();
    </script>`,
  );
}
