import { jsonOf } from './json.js';
import { currentUser, idToken, signOut } from './session.js';
import { surroundings } from './surroundings.js';

/** A call that was refused, or that came to nothing. */
export class CallFailed extends Error {
  /**
   * @param {number} status 0 when no answer came
   * @param {string} errorName
   * @param {string} message
   * @param {Date | undefined} resetAt when the limit lets the next one pass
   */
  constructor(status, errorName, message, resetAt) {
    super(message);
    this.status = status;
    this.errorName = errorName;
    this.resetAt = resetAt;
  }
}

/** An answer that came after another user had signed in: it is about a stranger. */
export class UserChanged extends Error {}

/**
 * Reads.
 * @template {import('../contracts.ts').Name} N
 * @param {N} name of the function
 * @param {Record<string, string>} [query]
 * @returns {Promise<import('../contracts.ts').Answer<N>>}
 */
export async function get(name, query = {}) {
  return /** @type {Promise<import('../contracts.ts').Answer<N>>} */ (
    call(name + queryOf(query), 'GET')
  );
}

/** @param {Record<string, string>} fields */
function queryOf(fields) {
  const text = new URLSearchParams(fields).toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * Acts; each act has a key of its own, so that repeating the request cannot act twice.
 * @template {import('../contracts.ts').Name} N
 * @param {N} name of the function
 * @param {import('../contracts.ts').Fields<N>} fields
 * @returns {Promise<import('../contracts.ts').Answer<N>>}
 */
export async function post(name, fields) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  return /** @type {Promise<import('../contracts.ts').Answer<N>>} */ (
    call(name, 'POST', headers, JSON.stringify(await withToken(name, fields)))
  );
}

/**
 * A call that places an order brings a token of reCAPTCHA, which is empty where reCAPTCHA is off.
 * @param {string} name
 * @param {object} fields
 */
async function withToken(name, fields) {
  if (!('amount' in fields)) return fields;
  const action = `${name.replace(/-.*/, '')}_payment`;
  const solved = await fetch(`/recaptcha?action=${action}`, { method: 'POST' });
  /** @type {{ token: string }} */
  const { token } = await jsonOf(solved);
  return { ...fields, recaptcha_token: token };
}

/**
 * @param {string} path
 * @param {string} method
 * @param {Record<string, string>} [headers]
 * @param {string} [body]
 * @returns {Promise<unknown>}
 */
async function call(path, method, headers = {}, body) {
  const uid = (await currentUser())?.uid;
  const token = await idToken();
  const url = `${surroundings.functionsUrl}/${path}`;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const init = { method, headers: { ...headers, ...authorization }, ...(body && { body }) };
  const response = await fetch(url, init).catch(() => {
    throw new CallFailed(0, 'NoAnswer', 'The shop cannot be reached from here.', undefined);
  });
  /** @type {unknown} */
  const answer = await response.json().catch(() => ({}));
  if ((await currentUser())?.uid !== uid) throw new UserChanged();
  if (response.ok) return answer;
  // The token is worth nothing any more: the user has to sign in again.
  if (response.status === 401 && token !== undefined) await signOut();
  throw failureOf(response, /** @type {{ errorName?: string, errorMessage?: string }} */ (answer));
}

/**
 * @param {Response} response
 * @param {{ errorName?: string, errorMessage?: string }} answer
 */
function failureOf({ status, headers }, { errorName = '', errorMessage }) {
  const reset = headers.get('x-ratelimit-reset');
  const resetAt = reset === null ? undefined : new Date(Number(reset) * 1000);
  return new CallFailed(status, errorName, errorMessage ?? `The shop answered ${status}.`, resetAt);
}
