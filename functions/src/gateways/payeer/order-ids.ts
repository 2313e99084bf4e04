import type { OrderIdForm } from '../../orders/order';

/** Payeer takes an order id of at most 30 characters. */
export const orderIds: OrderIdForm = {
  pattern: /^[0-9a-f]{30}$/,
  write: (bytes) => bytes.toString('hex').slice(0, 30),
};
