import { post } from './calls.js';
import { jsonOf } from './json.js';
import { surroundings } from './surroundings.js';

/** Stripe's test cards, https://docs.stripe.com/testing. */
export const cards = [
  { number: '4242424242424242', title: '4242 4242 4242 4242, works' },
  { number: '4000000000000002', title: '4000 0000 0000 0002, is declined' },
  { number: '4000000000009235', title: '4000 0000 0000 9235, is held for review' },
];

/**
 * Confirms as Stripe.js does on the wire, and goes where it would send the buyer.
 * @param {number} amount cents
 * @param {string} number of the card
 */
export async function payByCard(amount, number) {
  const intent = await post('stripe-getPaymentIntent', {
    amount,
    recaptcha_token: '',
    platform: 'web',
  });
  const returnUrl = `${location.origin}/`;
  const response = await fetch(
    `${surroundings.stripeUrl}/v1/payment_intents/${intent.id}/confirm`,
    {
      method: 'POST',
      body: new URLSearchParams({
        return_url: returnUrl,
        'payment_method_data[type]': 'card',
        'payment_method_data[card][number]': number,
        'payment_method_data[card][exp_month]': '12',
        'payment_method_data[card][exp_year]': String(new Date().getFullYear() + 3),
        'payment_method_data[card][cvc]': '123',
        expected_payment_method_type: 'card',
        use_stripe_sdk: 'true',
        key: intent.publicKey,
        client_secret: intent.clientSecret,
      }),
    },
  );
  /** @type {{ id: string, client_secret: string, error?: { message: string } }} */
  const answer = await jsonOf(response);
  if (answer.error) throw new Error(answer.error.message);
  location.assign(
    `${returnUrl}?${new URLSearchParams({
      payment_intent: answer.id,
      payment_intent_client_secret: answer.client_secret,
      redirect_status: 'succeeded',
    }).toString()}`,
  );
}

/** What became of it, in the backend's word. @param {string} id of the payment intent */
export async function statusOf(id) {
  const { status } = await post('stripe-getPaymentIntentStatus', { payment_intent_id: id });
  return status;
}
