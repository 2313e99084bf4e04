import { post } from './calls.js';
import { surroundings } from './surroundings.js';

/** Pays on a page of Cryptomus. @param {number} amount cents */
export async function payByCryptomus(amount) {
  const { url } = await post('cryptomus-createPayment', {
    amount,
    url_return: back('cryptomus', 'left'),
    url_success: back('cryptomus', 'paid'),
  });
  location.assign(url);
}

/** Posts the signed form to Payeer, as a page of its own. @param {number} amount cents */
export async function payByPayeer(amount) {
  const fields = await post('payeer-createOrder', {
    amount,
    success_url: back('payeer', 'paid'),
    fail_url: back('payeer', 'left'),
  });
  leaveWith(`${surroundings.payeerUrl}/merchant/`, fields);
}

/** Posts the signed form to AnyPay, with the addresses to come back to. @param {number} amount cents */
export async function payByAnypay(amount) {
  const urls = { success_url: back('anypay', 'paid'), fail_url: back('anypay', 'left') };
  const fields = await post('anypay-createPayment', { amount, ...urls });
  leaveWith(`${surroundings.anypayUrl}/merchant`, { ...urls, ...fields });
}

/** Pays on a page of WayForPay. @param {number} amount cents */
export async function payByWayforpay(amount) {
  const { url } = await post('wayforpay-createPayment', {
    amount,
    url_return: back('wayforpay', 'left'),
    url_success: back('wayforpay', 'paid'),
  });
  location.assign(url);
}

/**
 * Posts a form as a page of its own.
 * @param {string} action
 * @param {Record<string, string | number | undefined>} fields
 */
function leaveWith(action, fields) {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = action;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = String(value ?? '');
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

/** @param {string} gateway @param {'paid' | 'left'} outcome */
function back(gateway, outcome) {
  return `${location.origin}/?${new URLSearchParams({ gateway, outcome }).toString()}`;
}
