/** The objects of PayPal's API as they go over the wire, as far as anybody reads them. */
export interface Money {
  currency_code: string;
  /** Such as `15.00`. */
  value: string;
}

export interface Link {
  href: string;
  rel: string;
  method: string;
}

/** Who is paid. An address without an account has no merchant id. */
export interface Payee {
  email_address?: string;
  merchant_id?: string;
}

interface Common {
  id: string;
  status: string;
  create_time: string;
  update_time: string;
  links: Link[];
}

export interface Refund extends Common {
  kind: 'refund';
  amount: Money;
  note_to_payer?: string;
  seller_payable_breakdown: { total_refunded_amount: Money };
}

export interface Capture extends Common {
  kind: 'capture';
  amount: Money;
  payee: Payee;
  final_capture: boolean;
  custom_id?: string;
  status_details?: { reason: string };
  supplementary_data: { related_ids: { order_id: string } };
}

export interface Order extends Common {
  kind: 'order';
  intent: string;
  amount: Money;
  payee: Payee;
  custom_id?: string;
  /** How the next capture ends: a status of a capture, or the issue of a refusal. */
  outcome: string;
}

export type PayPalObject = Order | Capture | Refund;

/** A movement on the account, as its statement lists it. */
export interface Transaction {
  /** Of the capture or the refund; of itself, where no object tells of it. */
  id: string;
  /** PayPal's code of what it is, such as T0006. */
  code: string;
  cents: number;
  /** The payment that a refund or reversal belongs to. */
  referenceId?: string;
  atMs: number;
}

/** A webhook event. */
export interface PayPalEvent {
  id: string;
  event_version: string;
  create_time: string;
  resource_type: string;
  resource_version: string;
  event_type: string;
  summary: string;
  resource: object;
  links: Link[];
}
