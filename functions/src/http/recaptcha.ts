import { applicationDefault } from 'firebase-admin/app';
import { z } from 'zod';
import { MINUTE_MS } from '../config/limits';
import type { RecaptchaConfig } from '../config/attestation';
import { Misconfigured, Unattested, Unavailable } from '../errors';
import { projectId } from '../firestore/place';
import { parseJson } from '../json';
import { exchange } from '../outbound';
import { send, type Send } from '../send';
import type { RecaptchaProof } from './call';

/** Google's own bound as well. Checked here too, so that an old token never passes. */
const LIFE_MS = 2 * MINUTE_MS;
/** The caller writes it, so its length is capped. */
const LONGEST_USER_AGENT = 512;

/**
 * The fields of an assessment that we use: cloud.google.com/recaptcha/docs/reference/rest/v1/projects.assessments.
 * As in all JSON of Google, an absent field has its zero value.
 */
const assessmentSchema = z.object({
  tokenProperties: z.object({
    valid: z.boolean().default(false),
    invalidReason: z.string().default(''),
    createTime: z.iso.datetime({ offset: true }).optional(),
    /** Of the page; empty for an app. */
    hostname: z.string().default(''),
    action: z.string().default(''),
  }),
  riskAnalysis: z.object({ score: z.number().default(0) }).default({ score: 0 }),
});

type Assessment = z.output<typeof assessmentSchema>;

/** Our messages for Google's reasons; a reason that is not here gets a general message. */
const invalidReasons = new Map([
  ['MALFORMED', 'The reCAPTCHA token is malformed.'],
  ['EXPIRED', 'The reCAPTCHA token has expired; get a new one.'],
  ['DUPE', 'The reCAPTCHA token was used before; get a new one.'],
  ['MISSING', 'recaptcha_token is missing.'],
  ['BROWSER_ERROR', 'reCAPTCHA failed in the browser; try again.'],
]);

/** What the check needs besides its configuration. */
export interface RecaptchaDeps {
  readonly send: Send;
  /** An OAuth access token of the service account; the library keeps it until it expires. */
  readonly accessToken: () => Promise<string>;
  readonly now: () => Date;
}

/** Asks reCAPTCHA Enterprise whether a person makes a call. */
export class Recaptcha {
  readonly #config: RecaptchaConfig;
  readonly #project: string;
  readonly #deps: RecaptchaDeps;

  constructor(config: RecaptchaConfig, project: string, deps: RecaptchaDeps) {
    this.#config = config;
    this.#project = project;
    this.#deps = deps;
  }

  /**
   * Calls Google's API once when there is a token; a token is good only once.
   * @param action the action that the app must have named when it asked for the token.
   * @throws Unattested when the token is missing or stale, for another action, from another site,
   *   or scores too low.
   * @throws Unavailable when Google did not answer; Misconfigured when it refuses us.
   */
  async check(action: string, proof: RecaptchaProof, userAgent: string | undefined): Promise<void> {
    if (this.#config.exemptActions.includes(action)) return;
    const { recaptcha_token: token, platform } = proof;
    const siteKey = this.#config.siteKeys.get(platform);
    if (siteKey === undefined) {
      throw new Unattested('There is no reCAPTCHA key for this platform.');
    }
    if (token === '') throw new Unattested('recaptcha_token is missing.');
    const event = {
      token,
      siteKey,
      expectedAction: action,
      ...(userAgent && { userAgent: userAgent.slice(0, LONGEST_USER_AGENT) }),
    };
    this.#judge(await this.#assess(event), action, platform);
  }

  #judge({ tokenProperties: token, riskAnalysis }: Assessment, action: string, platform: string) {
    const { hostnames, minScoreHundredths } = this.#config;
    if (!token.valid) {
      const reason = invalidReasons.get(token.invalidReason);
      throw new Unattested(reason ?? 'The reCAPTCHA token is not valid here.');
    }
    if (token.action !== action) throw new Unattested('The reCAPTCHA token is for another action.');
    const ageMs = this.#deps.now().getTime() - Date.parse(token.createTime ?? '');
    if (!(ageMs <= LIFE_MS)) {
      throw new Unattested('The reCAPTCHA token has expired; get a new one.');
    }
    if (platform === 'web' && !hostnames.includes(token.hostname)) {
      throw new Unattested('The reCAPTCHA token is from another site.');
    }
    // Scores come in tenths, as the nearest floating point number.
    if (Math.round(riskAnalysis.score * 100) < minScoreHundredths) {
      throw new Unattested('The reCAPTCHA score is too low.');
    }
  }

  async #assess(event: object): Promise<Assessment> {
    const { status, body } = await this.#post({ event });
    if (status === 200) {
      const assessment = assessmentSchema.safeParse(body);
      if (assessment.success) return assessment.data;
    }
    if (status === 200 || status === 429 || status >= 500) {
      throw new Unavailable(`reCAPTCHA Enterprise answered ${status}, and no assessment.`);
    }
    // The key, the role or the API itself is missing, so no token could pass.
    throw new Misconfigured(
      `reCAPTCHA Enterprise answers ${status}: enable its API in this project, check RECAPTCHA_SITE_KEY, and give the functions' service account roles/recaptchaenterprise.agent.`,
    );
  }

  async #post(assessment: object): Promise<{ status: number; body: unknown }> {
    const { timeoutMs, url } = this.#config;
    const signal = AbortSignal.timeout(timeoutMs);
    const { accessToken, send: sendFunction } = this.#deps;
    const token = await withSignal(signal, accessToken()).catch((error: unknown) => {
      throw new Unavailable('No access token for reCAPTCHA Enterprise came.', { cause: error });
    });
    const request = {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(assessment),
      timeoutMs,
      signal,
    };
    const address = `${url}/v1/projects/${this.#project}/assessments`;
    const { status, text } = await exchange('reCAPTCHA Enterprise', address, request, sendFunction);
    return { status, body: parseJson(text) };
  }
}

/** Stops waiting when the signal fires: the library that gets access tokens takes no signal. */
function withSignal<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => {
    reject(signal.reason as Error);
  });
  return Promise.race([promise, over]);
}

export function openRecaptcha(config: RecaptchaConfig): Recaptcha {
  const credential = applicationDefault();
  return new Recaptcha(config, projectId(), {
    send,
    accessToken: async () => (await credential.getAccessToken()).access_token,
    now: () => new Date(),
  });
}
