import type { ServerResponse } from 'node:http';
import cors from 'cors';
import type { z } from 'zod';
import { readAppCheckConfig, readRecaptchaConfig } from '../config/attestation';
import { mayAnonymousUsersPay } from '../config/callers';
import { readSettings, type Settings } from '../config/settings';
import { AccountOnHold, GatewayClosed, Malformed } from '../errors';
import { customerId } from '../ids';
import { parseJson } from '../json';
import { log } from '../log';
import { once } from '../once';
import { recaptchaProof, type Call, type CallContract, type Reply } from './call';
import { CallRate } from './call-rate';
import { authenticate } from './caller';
import type { FrameworkRequest, Handler, PublishedHandler } from './on-request';
import { readRequest } from './request';
import { respondCacheable, respondError, respondJson } from './respond';

const openSettings = once(() => readSettings());

/** Loaded only when enabled. */
const openAppCheck = once(async () => {
  const config = readAppCheckConfig();
  return config && (await import('./app-check')).openAppCheck(config);
});

const openRecaptcha = once(async () => {
  const config = readRecaptchaConfig();
  return config && (await import('./recaptcha')).openRecaptcha(config);
});

/** Loaded by calls that place an order. */
const openRetail = async () => (await import('../retail/retail-api')).openRetailApi();

const openAnonymousRule = once(() => mayAnonymousUsersPay());

export const openCallRate = once(async () => {
  const { callsPerMinute } = await openSettings();
  return new CallRate(callsPerMinute, Date.now);
});

/** A call of the staff asks for a role, which `http/staff.ts` checks. */
type AppContract = CallContract & { readonly staffRole?: never };

type Handle<Contract extends CallContract> = (call: Call<Contract>) => Promise<Reply<Contract>>;

/**
 * Makes the handler of a call. It does for every call, in this order: CORS, App Check, the user,
 * the user's rate, whether orders are taken, the schema, reCAPTCHA, the hold of the account, then
 * `handle`; errors become answers.
 * @param name the deployed name, for the log.
 * @param takesOrders for a call that places an order: whether its gateway takes new ones.
 */
export function endpoint<Contract extends AppContract & { readonly recaptchaAction: string }>(
  name: string,
  contract: Contract,
  handle: Handle<Contract>,
  takesOrders: () => boolean,
): PublishedHandler;
export function endpoint<Contract extends AppContract & { readonly recaptchaAction?: never }>(
  name: string,
  contract: Contract,
  handle: Handle<Contract>,
): PublishedHandler;
export function endpoint<Contract extends CallContract>(
  name: string,
  contract: Contract,
  handle: Handle<Contract>,
  takesOrders = () => true,
): PublishedHandler {
  const handler = guard(name, contract, async (request, response) => {
    const received = openFields(request, contract);
    await (await openAppCheck())?.check(request.headers['x-firebase-appcheck']);
    const allowsAnonymous = contract.recaptchaAction === undefined || (await openAnonymousRule());
    const caller = await authenticate(request.headers.authorization, { allowsAnonymous });
    (await openCallRate()).count(caller.uid);
    if (!takesOrders()) throw new GatewayClosed('This gateway takes no new orders; offer another.');
    const fields = received();
    const input = parse<Contract['input']>(fields, contract.input);
    const idempotencyKey = readKey(request.headers['idempotency-key']);
    await checkPerson(contract, fields, request.headers['user-agent']);
    await checkHold(name, contract, caller.uid);
    respondJson(response, 200, await handle({ input, caller, idempotencyKey }));
  });
  return Object.assign(handler, {
    published: { kind: 'call', contract, isPublic: false } as const,
  });
}

/**
 * The same for an answer that is public: no token is needed, and caches may keep it.
 * @param options.freshS for how many seconds: five minutes unless it is said.
 */
export function publicEndpoint<Contract extends AppContract>(
  name: string,
  contract: Contract,
  read: (input: z.output<Contract['input']>) => Promise<Reply<Contract>>,
  { freshS = 300 } = {},
): PublishedHandler {
  const handler = guard(name, contract, async (request, response) => {
    const input = parse<Contract['input']>(openFields(request, contract)(), contract.input);
    respondCacheable(request, response, await read(input), freshS);
  });
  return Object.assign(handler, { published: { kind: 'call', contract, isPublic: true } as const });
}

/** The last check, because a reCAPTCHA token is good only once. */
async function checkPerson(
  { recaptchaAction }: CallContract,
  fields: unknown,
  userAgent: string | undefined,
): Promise<void> {
  if (recaptchaAction === undefined) return;
  const proof = parse(fields, recaptchaProof);
  await (await openRecaptcha())?.check(recaptchaAction, proof, userAgent);
}

/**
 * Refuses the order of an account on hold: its payment could not be spent. Comes after reCAPTCHA, so
 * that no robot makes us ask. Any fault of the Retail API lets the order pass.
 */
async function checkHold(name: string, { recaptchaAction }: CallContract, uid: string) {
  if (recaptchaAction === undefined || !customerId.safeParse(uid).success) return;
  const isOnHold = await openRetail()
    .then((retail) => retail.isOnHold(uid))
    .catch((error: unknown) => {
      log.failure(error, { function: name });
      return false;
    });
  if (isOnHold) throw new AccountOnHold('This account is on hold.');
}

/** Answers preflights, and failures in the words of the client protocol. */
export function guard(name: string, { method }: CallContract, answer: Handler): Handler {
  return async (request, response) => {
    try {
      if (await isPreflight(request, response, await openSettings(), method)) return;
      await answer(request, response);
    } catch (error) {
      log.failure(error, { function: name });
      respondError(response, error);
    }
  };
}

/** Sets the CORS headers. True when the request was a preflight, which is then answered. */
function isPreflight(
  request: FrameworkRequest,
  response: ServerResponse,
  { allowedOrigins }: Settings,
  method: string,
): Promise<boolean> {
  const middleware = cors({
    origin: [...allowedOrigins],
    methods: [method],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'if-none-match',
      'x-firebase-appcheck',
    ],
    exposedHeaders: ['x-ratelimit-reset', 'etag'],
    maxAge: 3600,
  });
  return new Promise((resolve, reject) => {
    response.once('finish', () => {
      resolve(true);
    });
    middleware(request, response, (error?: unknown) => {
      if (error === undefined) resolve(false);
      else reject(new Error('CORS', { cause: error }));
    });
  });
}

/**
 * Checks the method and the size at once, before the token is verified. The returned function
 * parses the fields.
 */
export function openFields(request: FrameworkRequest, { method }: CallContract): () => unknown {
  const { body } = readRequest(request, method);
  if (method === 'POST') return () => parseBody(body);
  return () => Object.fromEntries(new URLSearchParams((request.url ?? '').split('?')[1]));
}

function parseBody(body: Buffer): unknown {
  const json = parseJson(body.toString('utf8'));
  if (json === undefined) throw new Malformed('The body must be JSON.');
  return json;
}

/** @throws Malformed with the names of the fields that do not fit. */
export function parse<Schema extends z.ZodType>(fields: unknown, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const names = new Set(result.error.issues.map((issue) => issue.path.join('.')));
  throw new Malformed(`Missing or malformed: ${[...names].join(', ') || 'the body'}.`);
}

function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new Malformed('The Idempotency-Key must be 1 to 255 visible characters.');
}
