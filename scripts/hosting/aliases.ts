/**
 * Addresses of an earlier backend that gateways and apps still call, each a further name of a function:
 * the same bytes, the same checks, the same answer. An address that was never answered stays out: it
 * answers 404. `npm run hosting` writes them into `firebase.json`. For example
 *
 *     '/api/stripeWebhook': 'stripe-handleWebhookEvents',
 */
export const aliases: Readonly<Record<string, string>> = {};
