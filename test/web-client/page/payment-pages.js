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
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `${surroundings.payeerUrl}/merchant/`;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

/** @param {string} gateway @param {'paid' | 'left'} outcome */
function back(gateway, outcome) {
  return `${location.origin}/?${new URLSearchParams({ gateway, outcome }).toString()}`;
}
