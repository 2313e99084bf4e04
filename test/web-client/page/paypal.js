import { post } from './calls.js';

/**
 * Lets the buyer approve in a window of PayPal's, as its own script does, and takes the money.
 * @param {number} amount cents
 */
export async function payByPayPal(amount) {
  // Opened while the click is fresh: later the browser would take it for an advertisement.
  const popup = window.open('about:blank', 'paypal', 'width=480,height=640');
  if (popup === null) throw new Error('The browser has blocked the window of PayPal.');
  try {
    const { id, links } = await post('paypal-createOrder', { amount, recaptcha_token: '' });
    const approval = links.find(({ rel }) => rel === 'approve')?.href;
    if (approval === undefined) throw new Error('PayPal has no page to approve on.');
    popup.location.href = approval;
    await approved(popup, new URL(approval).origin, id);
    const { status } = await post('paypal-captureOrder', { id });
    return status;
  } finally {
    popup.close();
  }
}

/**
 * Resolves when the buyer has approved; rejects when the window is closed before.
 * @param {Window} popup
 * @param {string} origin of PayPal's pages
 * @param {string} orderId
 * @returns {Promise<void>}
 */
function approved(popup, origin, orderId) {
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    const watch = setInterval(() => {
      if (popup.closed)
        end(() => {
          reject(new Error('You have closed the window of PayPal: nothing was paid.'));
        });
    }, 250);
    /** @param {() => void} settle */
    const end = (settle) => {
      clearInterval(watch);
      listening.abort();
      settle();
    };
    window.addEventListener(
      'message',
      (/** @type {MessageEvent<{ orderID?: unknown }>} */ event) => {
        const isTheirs = event.source === popup && event.origin === origin;
        if (isTheirs && event.data.orderID === orderId) end(resolve);
      },
      { signal: listening.signal },
    );
  });
}
