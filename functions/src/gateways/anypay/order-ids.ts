import type { OrderIdForm } from '../../orders/order';

const SMALLEST = 10n ** 14n;

/** AnyPay takes at most 15 digits. Ids use all 15, so that two orders hardly ever get the same. */
export const orderIds: OrderIdForm = {
  pattern: /^[1-9]\d{14}$/,
  write: (bytes) => {
    const chance = BigInt(`0x${bytes.toString('hex')}`);
    return String(SMALLEST + (chance % (9n * SMALLEST)));
  },
};
