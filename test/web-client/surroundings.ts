/** Where the page finds each party, and what can be bought; it has no other settings. */
export interface Surroundings {
  /** The functions' base address: a slash and a function's name follow. */
  readonly functionsUrl: string;
  readonly authUrl: string;
  readonly projectId: string;
  /** Hosts that Stripe.js, Payeer's form and AnyPay's form would reach under the vendors' names. */
  readonly stripeUrl: string;
  readonly payeerUrl: string;
  readonly anypayUrl: string;
  /** The names of the gateways that are on. */
  readonly gateways: readonly string[];
  /** The products of the stores. */
  readonly products: readonly { readonly id: string; readonly cents: number }[];
}
