import { readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { PaymentsError, Unauthentic, Unavailable, Unusable } from '../../functions/src/errors.ts';
import type { Gateway, GatewayEvent, WebhookRequest } from '../../functions/src/gateway.ts';
import { logFromNow } from '../harness/log.ts';
import type { Movement, Reported, Review } from '../../functions/src/movement.ts';

/** A check that a gateway cannot be held to, and why. */
export interface NotApplicable {
  readonly notApplicable: string;
}

/** Signs as the gateway does, rightly and in each way of being wrong. */
export interface Signer {
  genuine(body: Buffer): WebhookRequest;
  missing(body: Buffer): WebhookRequest | NotApplicable;
  truncated(body: Buffer): WebhookRequest | NotApplicable;
  /** Right in every way, with a key of somebody else. */
  foreign(body: Buffer): WebhookRequest | NotApplicable;
  /** Right, and too old to be taken. */
  stale(body: Buffer): WebhookRequest | NotApplicable;
}

/** An event as the gateway sends it, and what it must come to. */
export interface ContractCase {
  /** The name of a file in the gateway's folder of fixtures. */
  readonly fixture: string;
  /** Says what sets this case apart from others of the same fixture. */
  readonly when?: string;
  /** Brings the gateway's stand-in to where the event comes from. */
  arrange?(): Promise<void> | void;
  /** Every field but those that are the stand-in's own times. */
  readonly movements: readonly (Omit<Movement, 'occurredAt'> | Review)[];
}

/** The API of a gateway, whose answers may hold anything. */
export interface AskedApi {
  /** The variable that says where it is. */
  readonly variable: string;
  /** The fields of its answers that make a payment another party's, so that nothing comes of it. */
  readonly notOurs: readonly string[];
  /** The fields that make it an answer. With a strange value there, the event must be told again. */
  readonly envelope?: readonly string[];
  /** Why that holds for every field. */
  readonly checked?: string;
}

/** An event that arrives before the gateway's own API shows what it reports. */
export interface EarlyEvent {
  readonly fixture: string;
  /** Brings the stand-in to where its API does not show it. */
  arrange(): void;
  /** Lets the API show it. */
  catchUp(): void;
  readonly movements: ContractCase['movements'];
}

export interface GatewayUnderContract<Event extends GatewayEvent> {
  readonly name: string;
  /** Opens the gateway as it is deployed, against its stand-in. */
  open(): Gateway<Event> | Promise<Gateway<Event>>;
  /** Opens it with an empty secret; must throw Misconfigured, or refuse every request. */
  openWithoutSecret(): Gateway<Event> | Promise<Gateway<Event>>;
  readonly signer: Signer;
  readonly cases: readonly ContractCase[];
  /** The API that the gateway is asked through. */
  readonly api: AskedApi | NotApplicable;
  readonly early: EarlyEvent | NotApplicable;
  /** The fixture of an authentic event that concerns nobody. */
  readonly unknown: string;
  /**
   * Why not every byte of a body is signed. A changed byte may then pass, and must change nothing
   * about the movements.
   */
  readonly partlySigned?: string;
  /**
   * Why the proof covers no byte of a body. A changed byte then passes, and must move nothing that
   * the genuine body does not.
   */
  readonly unsignedBody?: string;
  /** The fields that make an event another party's, or a try of one, so that nothing comes of it. */
  readonly notOurs?: readonly string[];
  /** The fields without which a signature does not prove that an event is meant for us. */
  readonly addressedBy?: readonly string[];
  /** The fields whose absence says something of its own. */
  readonly optional?: readonly string[];
  /** Texts that no log line may hold. */
  readonly secrets: readonly string[];
}

/** Gives a contract its types. */
export function contractOf<Event extends GatewayEvent>(
  contract: GatewayUnderContract<Event>,
): GatewayUnderContract<Event> {
  return contract;
}

/** The file of this name, whatever its ending: a body need not be JSON. */
export function fixture(gateway: string, name: string): Buffer {
  const folder = join(process.cwd(), 'test/fixtures', gateway);
  const file = readdirSync(folder).find((entry) => parse(entry).name === name);
  return readFileSync(join(folder, file ?? `${name}.json`));
}

/** What every gateway is held to, whatever its way of proving an event. */
export function describeGateway<Event extends GatewayEvent>(
  contract: GatewayUnderContract<Event>,
): void {
  const { name, signer, cases } = contract;
  const body = (): Buffer => fixture(name, cases[0]?.fixture ?? '');

  describe(`${name} keeps the gateway contract`, () => {
    describeRows(contract);

    for (const way of ['missing', 'truncated', 'foreign', 'stale'] as const) {
      const request = signer[way](body());
      if ('notApplicable' in request) {
        test.skip(`a ${way} signature: ${request.notApplicable}`, () => undefined);
        continue;
      }
      test(`a ${way} signature is refused`, async () => {
        const gateway = await contract.open();
        await expect(gateway.verify(request)).rejects.toThrow(Unauthentic);
      });
    }

    describeChangedBytes(contract);
    describeEarly(contract);

    test('an empty secret opens nothing', async () => {
      const request = signer.genuine(body());
      const attempt = async () => (await contract.openWithoutSecret()).verify(request);
      await expect(attempt()).rejects.toThrow();
    });
  });
}

function describeEarly<Event extends GatewayEvent>(contract: GatewayUnderContract<Event>): void {
  const { name, signer, early } = contract;
  if ('notApplicable' in early) {
    test.skip(`an event ahead of the API: ${early.notApplicable}`, () => undefined);
    return;
  }
  test('an event ahead of the API must be told again, and is booked then', async () => {
    early.arrange();
    const gateway = await contract.open();
    const event = await gateway.verify(signer.genuine(fixture(name, early.fixture)));
    await expect(gateway.movements(event)).rejects.toThrow(Unavailable);
    early.catchUp();
    const reported = await gateway.movements(event);
    expect(reported.map(comparable)).toEqual(early.movements.map((movement) => [true, movement]));
  });
}

function describeChangedBytes<Event extends GatewayEvent>(
  contract: GatewayUnderContract<Event>,
): void {
  const { partlySigned, unsignedBody } = contract;
  if (unsignedBody !== undefined) describeUnsignedBody(contract, unsignedBody);
  else if (partlySigned !== undefined) describePartlySigned(contract, partlySigned);
  else {
    test('one changed byte, anywhere, is refused', async () => {
      const gateway = await contract.open();
      for (const request of changes(contract)) {
        await expect(gateway.verify(request)).rejects.toThrow(Unauthentic);
      }
    });
  }
}

/** The request of the first case, changed in one byte, for every seventh of its bytes. */
function* changes<Event extends GatewayEvent>({
  name,
  signer,
  cases,
}: GatewayUnderContract<Event>): Generator<WebhookRequest> {
  const { body: signed, ...rest } = signer.genuine(fixture(name, cases[0]?.fixture ?? ''));
  for (let at = 0; at < signed.length; at += 7) {
    const changed = Buffer.from(signed);
    changed.writeUInt8(signed.readUInt8(at) ^ 1, at);
    yield { ...rest, body: changed };
  }
}

function describePartlySigned<Event extends GatewayEvent>(
  contract: GatewayUnderContract<Event>,
  why: string,
): void {
  const [first] = contract.cases;
  test(`one changed byte is refused or moves no other money: ${why}`, async () => {
    await first?.arrange?.();
    const gateway = await contract.open();
    let refused = 0;
    for (const request of changes(contract)) {
      const event = await gateway.verify(request).catch((error: unknown) => error);
      if (event instanceof Error) {
        expect(event).toBeInstanceOf(Unauthentic);
        refused += 1;
      } else {
        expect(await gateway.movements(event as Event)).toEqual(wantedOf(first));
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
}

function describeUnsignedBody<Event extends GatewayEvent>(
  contract: GatewayUnderContract<Event>,
  why: string,
): void {
  const [first] = contract.cases;
  test(`one changed byte moves the same money or none: ${why}`, async () => {
    await first?.arrange?.();
    const gateway = await contract.open();
    for (const request of changes(contract)) {
      const moved = await gateway
        .verify(request)
        .then((event) => gateway.movements(event))
        .catch((error: unknown) => error);
      if (!Array.isArray(moved)) expect(moved).toBeInstanceOf(PaymentsError);
      else if (moved.length > 0) expect(moved).toEqual(wantedOf(first));
    }
  });
}

function wantedOf(first: ContractCase | undefined): unknown[] | undefined {
  return first?.movements.map((movement): unknown => expect.objectContaining(movement));
}

function describeRows<Event extends GatewayEvent>(contract: GatewayUnderContract<Event>): void {
  const { name, signer, cases } = contract;

  for (const { fixture: file, when, movements, ...given } of cases) {
    test(`${file}${when ? `, ${when}` : ''}: exactly the expected movements, however often`, async () => {
      await given.arrange?.();
      const logged = logFromNow();
      const gateway = await contract.open();
      const request = signer.genuine(fixture(name, file));
      const first = await gateway.movements(await gateway.verify(request));
      const again = await gateway.movements(await gateway.verify(request));
      expect(first.map(comparable)).toEqual(movements.map((movement) => [true, movement]));
      expect(again).toEqual(first);
      for (const secret of [...contract.secrets, request.body.toString()]) {
        expect(logged().join('\n')).not.toContain(secret);
      }
    });
  }

  test('an unknown authentic event moves nothing', async () => {
    const gateway = await contract.open();
    const event = await gateway.verify(signer.genuine(fixture(name, contract.unknown)));
    expect(await gateway.movements(event)).toEqual([]);
  });
}

function comparable(reported: Reported): [boolean, object] {
  if (reported instanceof Unusable || 'review' in reported) return [true, reported];
  const { occurredAt, ...rest } = reported;
  return [occurredAt instanceof Date, rest];
}
