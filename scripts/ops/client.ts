/** An answer of a function. */
export interface OpsAnswer {
  readonly status: number;
  /** Undefined where the answer is no JSON: no function of ours has given it. */
  readonly body: unknown;
}

/** Makes the calls of the staff. */
export interface OpsClient {
  read(name: string, query: Readonly<Record<string, string>>): Promise<OpsAnswer>;
  act(name: string, body: Readonly<Record<string, unknown>>): Promise<OpsAnswer>;
}

/** A failure, in words that name the next step. */
export class OpsFailure extends Error {}

/** A command that is not understood. */
export class OpsMistake extends OpsFailure {}

/**
 * @param base where the functions answer: a slash and a function's name follow.
 * @param unreachable the next step when there is no answer at all.
 */
export function openClient(base: string, token: string, unreachable: string): OpsClient {
  const send = async (path: string, init: RequestInit): Promise<OpsAnswer> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = fetch(`${base}/${path}`, { ...init, headers });
    const response = await sent.catch(() => {
      throw new OpsFailure(unreachable);
    });
    return { status: response.status, body: parse(await response.text()) };
  };
  return {
    read: (name, query) => send(`${name}?${new URLSearchParams(query).toString()}`, {}),
    act: (name, body) => send(name, { method: 'POST', body: JSON.stringify(body) }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The body of a good answer.
 * @throws OpsFailure with the next step for any other.
 */
export function bodyOf(name: string, { status, body }: OpsAnswer): unknown {
  if (status === 200) return body;
  throw new OpsFailure(adviceOn(name, status, messageOf(body)));
}

function messageOf(body: unknown): string | undefined {
  const isError = typeof body === 'object' && body !== null && 'errorMessage' in body;
  return isError ? String(body.errorMessage) : undefined;
}

function adviceOn(name: string, status: number, message: string | undefined): string {
  const told = message ?? '';
  if (message === undefined) {
    return `${name} does not answer as a function of ours (HTTP ${status}): deploy it, switch its gateway on, or set FUNCTIONS_REGION to its region.`;
  }
  switch (status) {
    case 400:
      return `${told} See npm run ops -- help.`;
    case 401:
      return `${told} Check OPS_EMAIL and OPS_PASSWORD, and that FIREBASE_API_KEY is of this project.`;
    case 403:
      return told;
    case 404:
      return 'Nothing has this id. Look for it: npm run ops -- find <anything>';
    case 409:
      return `${told} Look at it: npm run ops -- story <id>`;
    case 429:
      return `${told} Wait a minute, and repeat it.`;
    case 503:
      return 'Firestore, Firebase or the gateway did not answer. Repeat it in a minute.';
    default:
      return `The deployment is at fault (HTTP ${status}). See the log of ${name}, and npm run doctor.`;
  }
}
