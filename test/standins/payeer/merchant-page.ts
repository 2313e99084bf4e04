import type { Handler, Reply } from '../http.ts';
import { html, page, seeOther } from '../page.ts';

/** What the page needs of an invoice. */
interface Payable {
  readonly orderId: string;
  readonly amount: string;
  readonly currency: string;
  /** JSON, with the addresses to send the buyer back to; null when none were posted. */
  readonly params: string | null;
}

const PAY_PATH = '/merchant/pay';

export function merchantPage({ orderId, amount, currency }: Payable): Reply {
  return page(
    'Payeer (stand-in)',
    html`<p class="amount">${amount} ${currency}</p>
      <p>Pay here.</p>
      <form method="post" action="${PAY_PATH}">
        <input type="hidden" name="m_orderid" value="${orderId}" />
        <button name="status" value="success">Pay</button>
        <button name="status" value="fail">Cancel</button>
      </form>`,
  );
}

/** `next`, with the page's buttons: the payment ends one way or the other, the buyer goes back. */
export function withButtons(
  operate: (orderId: string, status: 'success' | 'fail') => Payable,
  next: Handler,
): Handler {
  return (call) => {
    if (call.method !== 'POST' || call.path !== PAY_PATH) return next(call);
    const form = new URLSearchParams(call.body);
    const status = form.get('status') === 'success' ? 'success' : 'fail';
    const { params } = operate(form.get('m_orderid') ?? '', status);
    const urls = JSON.parse(params ?? '{}') as Record<string, string | undefined>;
    const url = urls[`${status}_url`];
    return url === undefined ? page('Payeer (stand-in)', `It is a ${status}.`) : seeOther(url);
  };
}
