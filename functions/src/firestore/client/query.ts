import type { Calls, StructuredQuery, WireDocument } from './calls';
import { DocumentReference, QueryDocumentSnapshot, type DocumentSnapshot } from './documents';
import { toWire, type WireValue } from './values';
import { quoted } from './writes';

const operators = {
  '==': 'EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  in: 'IN',
  'array-contains-any': 'ARRAY_CONTAINS_ANY',
} as const;

export type Operator = keyof typeof operators;
export type Direction = 'asc' | 'desc';

interface Filter {
  readonly field: string;
  readonly operator: Operator;
  readonly value: unknown;
}

interface Order {
  readonly field: string;
  readonly direction: Direction;
}

interface Parts {
  readonly filters: readonly Filter[];
  readonly orders: readonly Order[];
  readonly fields?: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
  readonly after?: DocumentSnapshot;
}

const NAME = '__name__';

/** The documents that a query has found. */
export interface QuerySnapshot {
  readonly docs: readonly QueryDocumentSnapshot[];
}

/** A query over one collection. Each method makes a new one. */
export class Query {
  readonly #calls: Calls;
  readonly collectionId: string;
  readonly #parts: Parts;

  constructor(calls: Calls, collectionId: string, parts: Parts = { filters: [], orders: [] }) {
    this.#calls = calls;
    this.collectionId = collectionId;
    this.#parts = parts;
  }

  /** Documents whose field compares so with a value. All filters must hold. */
  where(field: string, operator: Operator, value: unknown): Query {
    return this.#with({ filters: [...this.#parts.filters, { field, operator, value }] });
  }

  orderBy(field: string, direction: Direction = 'asc'): Query {
    return this.#with({ orders: [...this.#parts.orders, { field, direction }] });
  }

  limit(limit: number): Query {
    return this.#with({ limit });
  }

  /** Leaves out so many of the first documents. Each of them is paid for as a read. */
  offset(offset: number): Query {
    return this.#with({ offset });
  }

  /** Reads these fields alone. */
  select(...fields: readonly string[]): Query {
    return this.#with({ fields });
  }

  /** Goes on behind a document that was found by the same query. */
  startAfter(after: DocumentSnapshot): Query {
    return this.#with({ after });
  }

  async get(): Promise<QuerySnapshot> {
    const found = await this.#calls.query(this.toWire());
    return { docs: found.map((document) => this.#found(document)) };
  }

  /** Counts the documents. One read is paid for each 1,000. */
  count(): Promise<number> {
    return this.#calls.aggregate(this.toWire(), { count: {} });
  }

  /** Sums up a field over the documents; 0 without any. */
  sum(field: string): Promise<number> {
    return this.#calls.aggregate(this.toWire(), { sum: { field: toField(field) } });
  }

  /** As the REST API takes it. */
  toWire(): StructuredQuery {
    const { filters, fields, limit, offset, after } = this.#parts;
    const orders = after === undefined ? this.#parts.orders : this.#wholeOrder();
    return {
      from: [{ collectionId: this.collectionId }],
      ...(fields && { select: { fields: fields.map(toField) } }),
      ...(filters.length > 0 && { where: toWireFilter(filters) }),
      ...(orders.length > 0 && { orderBy: orders.map(toWireOrder) }),
      ...(limit !== undefined && { limit }),
      ...(offset !== undefined && { offset }),
      ...(after && {
        startAt: { values: orders.map((order) => valueOf(after, order)), before: false },
      }),
    };
  }

  /** Firestore itself orders by the name in the end, and a position needs all that is ordered by. */
  #wholeOrder(): readonly Order[] {
    const { orders } = this.#parts;
    const direction = orders.at(-1)?.direction ?? 'asc';
    return [...orders, { field: NAME, direction }];
  }

  #found(document: WireDocument): QueryDocumentSnapshot {
    const id = document.name.slice(document.name.lastIndexOf('/') + 1);
    const ref = new DocumentReference(this.#calls, this.collectionId, id);
    return new QueryDocumentSnapshot(ref, document);
  }

  #with(parts: Partial<Parts>): Query {
    return new Query(this.#calls, this.collectionId, { ...this.#parts, ...parts });
  }
}

function valueOf(after: DocumentSnapshot, { field }: Order): WireValue {
  if (field === NAME) return { referenceValue: after.ref.name };
  const value = after.wireValue(field);
  if (value === undefined) throw new TypeError(`The document has no ${field} to go on behind.`);
  return value;
}

function toWireFilter(filters: readonly Filter[]): object {
  const wire = filters.map(({ field, operator, value }) => ({
    fieldFilter: { field: toField(field), op: operators[operator], value: toWire(value) },
  }));
  const [only, ...others] = wire;
  return only !== undefined && others.length === 0
    ? only
    : { compositeFilter: { op: 'AND', filters: wire } };
}

function toWireOrder({ field, direction }: Order): object {
  return { field: toField(field), direction: direction === 'asc' ? 'ASCENDING' : 'DESCENDING' };
}

function toField(field: string): { readonly fieldPath: string } {
  return { fieldPath: field === NAME ? NAME : quoted(field) };
}
