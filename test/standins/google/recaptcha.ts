import { randomBytes } from 'node:crypto';
import type { Call, Reply } from '../http.ts';

/** What a page or an app asks for, and how trustworthy it looks. */
export interface Solution {
  siteKey: string;
  action: string;
  /** Of the page; left out by an app. */
  hostname?: string;
  /** From 0 to 1. */
  score?: number;
  /** How old the token is when it is made. */
  ageMs?: number;
  /** Google finds fault with it by this name; empty for a fault without one. */
  invalidReason?: string;
  /** Google itself takes it at any age. */
  neverExpires?: true;
}

interface Token extends Solution {
  readonly createdAt: number;
  isUsed: boolean;
}

interface Event {
  readonly token?: string;
  readonly siteKey?: string;
  readonly expectedAction?: string;
  readonly userAgent?: string;
}

/** Google's bound. */
const LIFE_MS = 120_000;

/** The assessments of reCAPTCHA Enterprise, and the tokens they are about. */
export class Recaptcha {
  readonly #project: string;
  readonly #siteKeys: readonly string[];
  readonly #now: () => number;
  readonly #tokens = new Map<string, Token>();
  /** What was asked, oldest first. */
  readonly events: Event[] = [];

  constructor(project: string, siteKeys: readonly string[], now: () => number) {
    this.#project = project;
    this.#siteKeys = siteKeys;
    this.#now = now;
  }

  static serves(call: Call): boolean {
    return /^\/v1\/projects\/[^/]+\/assessments$/.test(call.path);
  }

  /** A token as `grecaptcha.enterprise.execute` gives it to a page. */
  solve(solution: Solution): string {
    const token = `03AF-${randomBytes(24).toString('base64url')}`;
    const createdAt = this.#now() - (solution.ageMs ?? 0);
    this.#tokens.set(token, { ...solution, createdAt, isUsed: false });
    return token;
  }

  /** `projects.assessments.create`, for a caller who has shown who they are. */
  assess(call: Call): Reply {
    const { event = {} } = JSON.parse(call.body) as { event?: Event };
    this.events.push(event);
    if (call.method !== 'POST') return refusal(404, 'NOT_FOUND');
    if (!call.path.includes(`/projects/${this.#project}/`)) {
      return refusal(403, 'PERMISSION_DENIED');
    }
    if (!this.#siteKeys.includes(event.siteKey ?? '')) return refusal(400, 'INVALID_ARGUMENT');
    const name = `projects/123456789012/assessments/${randomBytes(8).toString('hex')}`;
    return { status: 200, body: { name, event, ...this.#verdict(event) } };
  }

  #verdict({ token: text = '', siteKey }: Event): object {
    if (text === '') return invalid('MISSING');
    const token = this.#tokens.get(text);
    if (token === undefined) return invalid('MALFORMED');
    if (token.invalidReason !== undefined) return invalid(token.invalidReason);
    // Google names no reason for a token of another key.
    if (token.siteKey !== siteKey) return invalid('INVALID_REASON_UNSPECIFIED');
    if (!token.neverExpires && this.#now() - token.createdAt > LIFE_MS) return invalid('EXPIRED');
    if (token.isUsed) return invalid('DUPE');
    token.isUsed = true;
    const { action, hostname, score = 0.9, createdAt } = token;
    return {
      tokenProperties: {
        valid: true,
        invalidReason: 'INVALID_REASON_UNSPECIFIED',
        createTime: new Date(createdAt).toISOString(),
        ...(hostname !== undefined && { hostname }),
        action,
      },
      // A float of 32 bits, as it was seen to arrive.
      riskAnalysis: { score: Math.fround(score), reasons: [] },
    };
  }
}

function invalid(reason: string): object {
  const tokenProperties = { valid: false, action: '', ...(reason && { invalidReason: reason }) };
  return { tokenProperties, riskAnalysis: { score: 0, reasons: [] } };
}

function refusal(code: number, status: string): Reply {
  return { status: code, body: { error: { code, status, message: `refused: ${status}` } } };
}
