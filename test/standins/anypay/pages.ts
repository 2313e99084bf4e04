import type { Handler, Reply } from '../http.ts';
import { html, page, seeOther } from '../page.ts';

const PAY_PATH = '/merchant/pay';

/** The page of a payment that a form has started; the form's fields say where the buyer goes then. */
export function paymentPage(fields: Readonly<Record<string, string | undefined>>): Reply {
  const { pay_id = '', amount = '', currency = '', success_url = '', fail_url = '' } = fields;
  return page(
    'AnyPay (stand-in)',
    html`<p class="amount">${amount} ${currency}</p>
      <p>Pay here.</p>
      <form method="post" action="${PAY_PATH}">
        <input type="hidden" name="pay_id" value="${pay_id}" />
        <input type="hidden" name="success_url" value="${success_url}" />
        <input type="hidden" name="fail_url" value="${fail_url}" />
        <button name="back_to" value="success_url">Pay</button>
        <button name="back_to" value="fail_url">Cancel</button>
      </form>`,
  );
}

/** `next`, with the page's buttons: the buyer pays or does not, and goes back to the app. */
export function withButtons(pay: (payId: string) => unknown, next: Handler): Handler {
  return (call) => {
    if (call.method !== 'POST' || call.path !== PAY_PATH) return next(call);
    const form = Object.fromEntries(new URLSearchParams(call.body));
    const isPaid = form['back_to'] === 'success_url';
    if (isPaid) pay(form['pay_id'] ?? '');
    const url = form[isPaid ? 'success_url' : 'fail_url'];
    return url ? seeOther(url) : page('AnyPay (stand-in)', isPaid ? 'It is paid.' : 'Not paid.');
  };
}
