import type { Call, Reply } from '../http.ts';
import { html, page } from '../page.ts';
import { sign, textOf, type Report } from './signature.ts';

/** A page on which an order is paid, as its purchase asked for it. */
interface PaymentPage {
  readonly orderReference: string;
  readonly amount: string;
  /** Where the buyer's browser posts the result to; empty where the purchase named no place. */
  readonly returnUrl: string;
}

const PATH = '/page';

/** The pages by the `vkh` of their address. */
export class Pages {
  readonly #pages = new Map<string, PaymentPage>();

  /** Makes the page of a purchase; resolves to its path. */
  make(purchase: Report): string {
    const vkh = sign('page', JSON.stringify(purchase));
    const [orderReference, returnUrl] = ['orderReference', 'returnUrl'].map((name) =>
      textOf(purchase[name]),
    );
    const amount = `${textOf(purchase['amount'])} ${textOf(purchase['currency'])}`;
    const made = { orderReference: orderReference ?? '', returnUrl: returnUrl ?? '', amount };
    this.#pages.set(vkh, made);
    return `${PATH}?vkh=${vkh}`;
  }

  /**
   * Answers on the pages; undefined elsewhere.
   * @param end ends the order in a status, and gives what is signed about it.
   */
  answer(
    { method, path, query, body }: Call,
    end: (orderReference: string, status: 'Approved' | 'Declined') => Report,
  ): Reply | undefined {
    if (path !== PATH) return undefined;
    const shown = this.#pages.get(query.get('vkh') ?? '');
    if (shown === undefined) return { ...page('WayForPay', 'No such page.'), status: 404 };
    if (method !== 'POST') return question(shown);
    const isPaid = new URLSearchParams(body).get('status') === 'Approved';
    return goBack(shown, end(shown.orderReference, isPaid ? 'Approved' : 'Declined'));
  }

  clear(): void {
    this.#pages.clear();
  }
}

function question({ amount }: PaymentPage): Reply {
  return page(
    'WayForPay (stand-in)',
    html`<p class="amount">${amount}</p>
      <p>Pay here.</p>
      <form method="post">
        <button name="status" value="Approved">Pay</button>
        <button name="status" value="Declined">Use a card that is declined</button>
      </form>`,
  );
}

/** The buyer's browser posts the result to the app. */
function goBack({ returnUrl }: PaymentPage, report: Report): Reply {
  if (returnUrl === '')
    return page('WayForPay (stand-in)', html`<p>${textOf(report['reason'])}</p>`);
  const fields = Object.entries(report).map(
    ([name, value]) =>
      html`<input form="result" type="hidden" name="${name}" value="${textOf(value)}" />`,
  );
  const form = html`<form id="result" method="post" action="${returnUrl}"></form>`;
  const script = '<script>document.forms.result.submit();</script>';
  return page('WayForPay (stand-in)', form + fields.join('') + script);
}
