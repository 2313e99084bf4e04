import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import type { Gateway, GatewayEvent, WebhookRequest } from '../../functions/src/gateway.ts';
import type { FrameworkRequest } from '../../functions/src/http/on-request.ts';
import { webhook } from '../../functions/src/http/webhook.ts';
import { setEnvironment } from '../harness/environment.ts';
import { logFromNow } from '../harness/log.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { fixture, type ContractCase, type GatewayUnderContract } from './gateway-contract.ts';
import { Twister } from '../harness/twister.ts';
import { strangeBodies } from './strange-values.ts';

// Hundreds of events, on a machine that may be busy.
jest.setTimeout(240_000);

/** What every gateway is held to whose proven events hold what no gateway should write. */
export function describeUnreadable<Event extends GatewayEvent>(
  contract: GatewayUnderContract<Event>,
): void {
  const { name, signer, notOurs = [], addressedBy = [], optional = [] } = contract;
  const isSignedWhole = contract.partlySigned === undefined && contract.unsignedBody === undefined;
  // A project of its own: what is parked there was sent here.
  const project = `demo-contract-${randomUUID()}`;
  let retail: RetailApi;

  beforeAll(async () => {
    retail = await startRetailApi({ apiKey: 'retail-standin' });
  });

  beforeEach(() => {
    setEnvironment({
      GCLOUD_PROJECT: project,
      PLATFONE_API_KEY: 'retail-standin',
      PLATFONE_API_URL: retail.url,
      PLATFONE_CALLS_PER_SECOND: '10000',
    });
  });

  afterAll(() => retail.stop());

  test.each(casesOf(contract))(
    `${name}, $fixture: a strange value in any field is stored, or changes nothing`,
    async (one) => {
      await one.arrange?.();
      const gateway = await contract.open();
      const genuine = fixture(name, one.fixture);
      await outcomeOf(name, gateway, signer.genuine(genuine));
      const right = await outcomeOf(name, gateway, signer.genuine(genuine));
      expect(right).toMatch(/^200 ./);
      const wrong: string[] = [];
      for (const { body, path, value } of strangeBodies(genuine)) {
        const outcome = await outcomeOf(name, gateway, signer.genuine(body));
        const isRight =
          outcome === right ||
          outcome === '200 parked' ||
          (outcome === '401' && (!isSignedWhole || addressedBy.includes(path))) ||
          (['left out', 'null'].includes(value) && optional.includes(path)) ||
          (outcome === '200' && notOurs.includes(path));
        if (!isRight) wrong.push(`${path} ${value}: ${outcome}`);
      }
      expect(wrong).toEqual([]);
      expect(await openFirestore().collection('tn_parked_events').count()).toBeGreaterThan(0);
    },
  );

  describeAnswers(contract);
}

/** The same for what its API answers to the case with the most movements; the event is genuine. */
function describeAnswers<Event extends GatewayEvent>(contract: GatewayUnderContract<Event>): void {
  const { name, signer, api } = contract;
  if ('notApplicable' in api) {
    test.skip(`strange answers: ${api.notApplicable}`, () => undefined);
    return;
  }
  const [fullest] = casesOf(contract).toSorted((a, b) => b.movements.length - a.movements.length);
  test.each(fullest ? [fullest] : [])(
    `${name}, $fixture: a strange value in any answer is stored, or changes nothing`,
    async (one) => {
      await one.arrange?.();
      const url = new URL(process.env[api.variable] ?? '');
      const twister = await Twister.before(url.origin);
      setEnvironment({ [api.variable]: `${twister.origin}${url.pathname.replace(/\/$/, '')}` });
      const request = signer.genuine(fixture(name, one.fixture));
      const deliver = async () => outcomeOf(name, await contract.open(), request);
      await deliver();
      twister.answers.length = 0;
      const right = await deliver();
      const isNoAnswer = (path: string) =>
        api.checked !== undefined || api.envelope?.includes(path) === true;
      const wrong: string[] = [];
      for (const answer of [...twister.answers]) {
        for (const { body, path, value } of strangeBodies(answer.body)) {
          twister.twisted = { request: answer.request, body };
          const outcome = await deliver();
          const isRight =
            outcome === right ||
            /^200 (\S+ )*parked$/.test(outcome) ||
            (outcome === '503' && isNoAnswer(path)) ||
            (outcome === '200' && api.notOurs.includes(path));
          if (!isRight) wrong.push(`${answer.request}: ${path} ${value}: ${outcome}`);
        }
      }
      await twister.stop();
      expect(right).toMatch(/^200 ./);
      expect(wrong).toEqual([]);
    },
  );
}

/** The first case of each fixture that moves money. */
function casesOf<Event extends GatewayEvent>({
  cases,
}: GatewayUnderContract<Event>): readonly ContractCase[] {
  const moving = cases.filter(({ movements }) => movements.some((one) => 'amountCents' in one));
  const firstOf = (file: string) => moving.find(({ fixture: other }) => other === file);
  return moving.filter((one) => firstOf(one.fixture) === one);
}

/** The status of the answer, and what was stored before it, which the log names. */
async function outcomeOf<Event extends GatewayEvent>(
  name: string,
  gateway: Gateway<Event>,
  request: WebhookRequest,
): Promise<string> {
  const logged = logFromNow();
  const limits = { contentType: 'application/json', maxBytes: 64 * 1024, provenBy: 'A_SECRET' };
  const status = await answered(
    webhook(name, limits, async () => gateway),
    request,
  );
  const lines = logged().map((line) => JSON.parse(line) as Record<string, unknown>);
  const rows = lines.flatMap(({ payment_id: id, reason }) =>
    typeof id === 'string' && reason === undefined ? [id] : [],
  );
  const parked = lines.some(({ reason }) => reason !== undefined) ? ['parked'] : [];
  return [status, ...new Set(rows.toSorted()), ...parked].join(' ');
}

/** Resolves to the status that the handler answers, without a server. */
async function answered(
  handler: ReturnType<typeof webhook>,
  { method, headers, body }: WebhookRequest,
): Promise<number> {
  const given = { 'content-length': String(body.length), ...headers };
  const request = { method, headers: given, rawBody: body } as unknown as FrameworkRequest;
  let answer = 0;
  const response = {
    writeHead(status: number) {
      answer = status;
      return response;
    },
    setHeader: () => response,
    end: () => response,
  };
  await handler(request, response as unknown as ServerResponse);
  return answer;
}
