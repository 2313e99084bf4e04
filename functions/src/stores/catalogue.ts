import { z } from 'zod';
import { readEnvironment, required, type Environment } from '../config/environment';
import { LARGEST_CENTS } from '../config/settings';
import { Unusable } from '../errors';
import { parseJson } from '../json';

/** Stores sell fewer pieces of a product in one purchase. */
const MOST_PIECES = 1_000;

const prices = z.record(
  z.string().regex(/^[A-Za-z0-9._-]{1,255}$/),
  z.int().min(1).max(LARGEST_CENTS),
);

const expected = 'must be JSON: {"<product id>": <US cents>}';

const schema = z.object({
  STORE_PRODUCTS: required.transform((text, context) => {
    const products = prices.safeParse(parseJson(text)).data;
    if (products !== undefined && Object.keys(products).length > 0) return products;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  }),
});

/**
 * The value of each store product in USD cents. The price in the store is not used: it is in the
 * buyer's currency and includes taxes and discounts.
 */
export class Catalogue {
  readonly #cents: ReadonlyMap<string, number>;

  constructor(cents: ReadonlyMap<string, number>) {
    this.#cents = cents;
  }

  /**
   * The credit for a purchase, in USD cents.
   * @throws Unusable for a product that is not in the catalogue, and for a quantity that no
   *   store sells.
   */
  creditCents(productId: string, quantity: number): number {
    const cents = this.#cents.get(productId);
    if (cents === undefined) throw new Unusable('The product is not in STORE_PRODUCTS.');
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > MOST_PIECES) {
      throw new Unusable('No store sells this quantity.');
    }
    if (cents * quantity > LARGEST_CENTS) throw new Unusable('The purchase is worth too much.');
    return cents * quantity;
  }
}

/** @throws Misconfigured when STORE_PRODUCTS is missing or malformed. */
export function readCatalogue(environment?: Environment): Catalogue {
  const { STORE_PRODUCTS: products } = readEnvironment(schema, environment);
  return new Catalogue(new Map(Object.entries(products)));
}
