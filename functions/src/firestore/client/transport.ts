import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { FIRESTORE_CALL_MS, FIRESTORE_IDLE_MS, FIRESTORE_RETRY_MS } from '../../config/limits';
import { errorOf, FirestoreError, codes } from './errors';

/** Where a database is, and who asks. */
export interface Place {
  /** `https://firestore.googleapis.com`, or the address of a local Firestore. */
  readonly origin: string;
  /** `projects/<project>/databases/<database>`. */
  readonly database: string;
  /** An access token that is valid now. */
  readonly token: () => Promise<string>;
  /** Forgets a token that was refused. */
  readonly renew: () => void;
}

/** The calls that the client makes: https://firebase.google.com/docs/firestore/reference/rest. */
export type Method = 'batchGet' | 'batchWrite' | 'commit' | 'runAggregationQuery' | 'runQuery';

/** Of a call that Firestore could not serve just now. */
const MOST_TRIES = 3;

interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** A connection that was kept broke before an answer began: its other side had closed it. */
class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

const agentOptions = { keepAlive: true, timeout: FIRESTORE_IDLE_MS };
const plain = { request: http.request, agent: new http.Agent(agentOptions) };
const secure = { request: https.request, agent: new https.Agent(agentOptions) };

/**
 * Calls Firestore's REST API over connections that are kept. It tells each error by the code that
 * Firestore gives, and tries again what may succeed a moment later. A write may so be made twice: every
 * write that is made here can be repeated, or is refused the second time.
 */
export class Transport {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** `projects/<project>/databases/<database>/documents`, where the names of documents begin. */
  get root(): string {
    return `${this.#place.database}/documents`;
  }

  /** @throws FirestoreError when Firestore refuses the call, or does not answer. */
  async call<Result>(method: Method, body: object): Promise<Result> {
    const text = JSON.stringify(body);
    let isRenewed = false;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#tryOnce<Result>(method, text);
      } catch (error) {
        if (error instanceof StaleConnection) continue;
        if (!(error instanceof FirestoreError)) throw error;
        if (error.code === codes.unauthenticated && !isRenewed) {
          isRenewed = true;
          this.#place.renew();
          continue;
        }
        if (!error.isPassing || tries >= MOST_TRIES) throw error;
        await sleep(FIRESTORE_RETRY_MS * 4 ** (tries - 1));
      }
    }
  }

  async #tryOnce<Result>(method: Method, body: string): Promise<Result> {
    const token = await this.#place.token();
    const { status, text } = await this.#post(method, body, token);
    if (status !== 200) throw errorOf(status, text);
    try {
      return JSON.parse(text) as Result;
    } catch (cause) {
      throw new FirestoreError(codes.internal, 'Firestore answered without JSON.', { cause });
    }
  }

  #post(method: Method, body: string, token: string): Promise<RawAnswer> {
    const { request, agent } = this.#place.origin.startsWith('https:') ? secure : plain;
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
    const call = request(`${this.#place.origin}/v1/${this.root}:${method}`, {
      agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    const timer = setTimeout(() => {
      // Not tried again: its caller has given up.
      const late = `Firestore did not answer within ${FIRESTORE_CALL_MS} ms.`;
      call.destroy(new FirestoreError(codes.deadlineExceeded, late));
    }, FIRESTORE_CALL_MS);
    const fail = (cause: Error, isAnswered: boolean) => {
      clearTimeout(timer);
      if (cause instanceof FirestoreError) {
        reject(cause);
        return;
      }
      const isStale = call.reusedSocket && !isAnswered;
      const message = 'Firestore cannot be reached.';
      reject(
        isStale
          ? new StaleConnection(message, { cause })
          : new FirestoreError(codes.unavailable, message, { cause }),
      );
    };
    call.on('error', (error) => {
      fail(error, false);
    });
    call.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', (error) => {
        fail(error, true);
      });
      answer.on('end', () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    call.end(body);
    return promise;
  }
}
