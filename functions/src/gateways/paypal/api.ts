import {
  CheckoutPaymentIntent,
  CustomError,
  OrderApplicationContextShippingPreference,
  OrderApplicationContextUserAction,
  OrdersController,
  PaymentsController,
  type Client,
} from '@paypal/paypal-server-sdk';
import { Misconfigured } from '../../errors';
import { decimalOf } from '../../money';
import { parseAnswer } from '../../outbound';
import type { Order } from '../../orders/order';
import { PayPalClient, Refusal } from './client';
import type { PayPalApiConfig } from './config';
import {
  captureSchema,
  createdOrderSchema,
  orderSchema,
  refundSchema,
  type Capture,
  type CreatedOrder,
  type PayPalOrder,
  type Refund,
} from './objects';

/** The longest that one call may take. The SDK's own default is to wait for ever. */
const TIMEOUT_MS = 10_000;

/** Without this header PayPal leaves the captures out of its answer. */
const PREFER_WHOLE = 'return=representation';

/** The calls of PayPal's Orders and Payments APIs. They throw the errors of `PayPalClient.ask`. */
export class PayPalApi {
  readonly #client: PayPalClient;

  constructor(config: PayPalApiConfig, timeoutMs: number = TIMEOUT_MS) {
    this.#client = new PayPalClient(config, timeoutMs);
  }

  /**
   * Makes PayPal's order for our order. A repetition returns the same order of PayPal's.
   * @throws Misconfigured when PayPal refuses the order: our account may not receive.
   */
  async createOrder(order: Order): Promise<CreatedOrder> {
    const request = { body: toBody(order), paypalRequestId: order.orderId };
    const created = this.#client.ask((client) => orders(client).createOrder(request));
    return parseAnswer(
      'PayPal',
      createdOrderSchema,
      await created.catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        throw new Misconfigured(
          'PayPal refuses our orders: check that the account PAYPAL_MERCHANT_ID may receive US dollars.',
          { cause: error },
        );
      }),
    );
  }

  async readOrder(id: string): Promise<PayPalOrder> {
    return parseAnswer(
      'PayPal',
      orderSchema,
      await this.#client.ask((client) => orders(client).getOrder({ id })),
    );
  }

  /**
   * Takes the money of an approved order.
   * @param requestId with the id of an earlier call, PayPal repeats the answer to that call.
   */
  async captureOrder(id: string, requestId: string): Promise<PayPalOrder> {
    const request = { id, paypalRequestId: requestId, prefer: PREFER_WHOLE };
    return parseAnswer(
      'PayPal',
      orderSchema,
      await this.#client.ask((client) => orders(client).captureOrder(request)),
    );
  }

  async readCapture(captureId: string): Promise<Capture> {
    const read = (client: Client) => payments(client).getCapturedPayment({ captureId });
    return parseAnswer('PayPal', captureSchema, await this.#client.ask(read));
  }

  /**
   * Gives money of a capture back.
   * @param requestId with the id of an earlier call, PayPal repeats the answer to that call.
   */
  async refundCapture(captureId: string, cents: number, requestId: string): Promise<Refund> {
    const amount = { currencyCode: 'USD', value: decimalOf(cents) };
    const request = { captureId, paypalRequestId: requestId, prefer: PREFER_WHOLE };
    const call = (client: Client) =>
      payments(client).refundCapturedPayment({ ...request, body: { amount } });
    return parseAnswer('PayPal', refundSchema, await this.#client.ask(call));
  }

  async readRefund(refundId: string): Promise<Refund> {
    const read = (client: Client) => payments(client).getRefund({ refundId });
    return parseAnswer('PayPal', refundSchema, await this.#client.ask(read));
  }

  /**
   * Reads a list of a part of the API that the SDK does not cover, or whose form it checks too early.
   * @returns the text of the answer.
   */
  get(path: string, query: Readonly<Record<string, string>>): Promise<string> {
    return this.#client.ask((client) => {
      const request = client.getRequestBuilderFactory()('GET', path);
      request.query({ ...query });
      request.throwOn(400, CustomError, 'PayPal refuses the question.');
      request.authenticate([{ oauth2: true }]);
      return request.callAsText();
    });
  }

  /**
   * Posts JSON to a part of the API that the SDK does not cover.
   * @returns the text of the answer.
   */
  post(path: string, json: string): Promise<string> {
    return this.#client.ask((client) => {
      const request = client.getRequestBuilderFactory()('POST', path);
      request.header('Content-Type', 'application/json');
      request.text(json);
      request.authenticate([{ oauth2: true }]);
      return request.callAsText();
    });
  }
}

const orders = (client: Client) => new OrdersController(client);
const payments = (client: Client) => new PaymentsController(client);

/**
 * PayPal gets the id and the amount of our order and nothing else of it. No address is asked for,
 * because nothing is shipped.
 */
function toBody({ orderId, amountCents }: Order) {
  return {
    intent: CheckoutPaymentIntent.Capture,
    purchaseUnits: [
      { customId: orderId, amount: { currencyCode: 'USD', value: decimalOf(amountCents) } },
    ],
    applicationContext: {
      shippingPreference: OrderApplicationContextShippingPreference.NoShipping,
      userAction: OrderApplicationContextUserAction.PayNow,
    },
  };
}
