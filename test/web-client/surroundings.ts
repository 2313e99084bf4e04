/** Where the page finds everybody; it has no other settings. */
export interface Surroundings {
  /** The functions' base address: a slash and a function's name follow. */
  readonly functionsUrl: string;
  readonly authUrl: string;
  readonly projectId: string;
  /** What Stripe.js and Payeer's form would reach at https://api.stripe.com and https://payeer.com. */
  readonly stripeUrl: string;
  readonly payeerUrl: string;
}
