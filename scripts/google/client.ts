import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';

/** Google's APIs are asked by hand and seldom: an answer may take its time. */
const TIMEOUT_MS = 30_000;

/** What an API of Google answers a call that it refuses (https://google.aip.dev/193). */
const refusal = z.object({
  error: z.object({
    message: z.string().default(''),
    details: z
      .array(
        z.looseObject({
          reason: z.string().optional(),
          metadata: z.record(z.string(), z.string()).optional(),
        }),
      )
      .default([]),
  }),
});

/** An API of Google has refused a call. The message says why, in Google's words, and what to do. */
export class GoogleRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A part of an address: what comes from a person is no path. */
export const part = encodeURIComponent;

export type Json = Readonly<Record<string, unknown>>;

/** Calls APIs of Google as the operator who has signed in. */
export class GoogleClient {
  readonly #headers: () => Promise<Headers>;
  readonly #origin: string | undefined;

  /**
   * @param headers those that prove who asks.
   * @param origin a stand-in for all of Google's APIs; it gets their host as the first part of the path.
   */
  constructor(headers: () => Promise<Headers>, origin?: string) {
    this.#headers = headers;
    this.#origin = origin;
  }

  /**
   * @param role what the caller needs at the least, for the message of a refusal.
   * @throws GoogleRefusal when it is not answered with a status from 200 to 299.
   * @throws when it is not answered.
   */
  async call(url: string, role: string, method = 'GET', body?: Json): Promise<Json> {
    const { host } = new URL(url);
    const answer = await this.open(url, {
      method,
      headers: {
        ...Object.fromEntries(await this.#headers()),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text || '{}') as Json;
    throw new GoogleRefusal(answer.status, reasonOf(host, answer.status, text, role));
  }

  /** Asks as a stranger would, unless headers say who asks. @throws when it is not answered. */
  async open(url: string, request: RequestInit = {}): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const address = this.#origin ? `${this.#origin}/${url.slice('https://'.length)}` : url;
    return fetch(address, { redirect: 'manual', signal, ...request }).catch((error: unknown) => {
      throw new Error(`${new URL(url).host} does not answer`, { cause: error });
    });
  }

  /** All entries of a list, through its pages. @throws as `call` does. */
  async list(url: string, key: string, role: string): Promise<readonly Json[]> {
    const found: Json[] = [];
    for (let token = ''; ;) {
      const query = token === '' ? '' : `${url.includes('?') ? '&' : '?'}pageToken=${part(token)}`;
      const page = await this.call(`${url}${query}`, role);
      found.push(...((page[key] as Json[] | undefined) ?? []));
      token = (page['nextPageToken'] as string | undefined) ?? '';
      if (token === '') return found;
    }
  }
}

function reasonOf(host: string, status: number, text: string, role: string): string {
  const { data } = refusal.safeParse(parsed(text));
  const reasons = data?.error.details.map(({ reason }) => reason) ?? [];
  if (reasons.includes('SERVICE_DISABLED')) {
    // Without a project of their own, a user's credentials ask for that of gcloud itself.
    return `${host} is not switched on in the project: gcloud services enable ${host}; or the project that is asked for is another: gcloud auth application-default set-quota-project <project>`;
  }
  if (status === 401) {
    return `${host} does not know who asks: gcloud auth application-default login`;
  }
  if (status === 403) return `${host} refuses: the user who asks needs ${role}`;
  return `${host} answered ${status}: ${data?.error.message ?? 'without a reason'}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Asks as whom `gcloud auth application-default login` has signed in, or as the service account of
 * GOOGLE_APPLICATION_CREDENTIALS. GOOGLE_APIS_ORIGIN, on this machine, stands in for Google in tests.
 * @throws when nobody has signed in.
 */
export function openGoogle(environment = process.env): GoogleClient {
  const auth = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
  const origin = environment['GOOGLE_APIS_ORIGIN'];
  if (origin !== undefined && !origin.startsWith('http://127.0.0.1:')) {
    throw new Error('GOOGLE_APIS_ORIGIN must be on 127.0.0.1: it is for tests');
  }
  return new GoogleClient(async () => {
    try {
      return await auth.getRequestHeaders();
    } catch {
      throw new Error('Nobody has signed in: gcloud auth application-default login');
    }
  }, origin);
}
