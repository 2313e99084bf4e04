import { withControl } from '../control.ts';
import { ApiFaults, type ApiFault } from '../faults.ts';
import { faulty } from '../faulty.ts';
import { listen, type Handler, type Listener } from '../http.ts';
import { AppCheckIssuer, type Attestation } from './app-check.ts';
import { Metadata } from './metadata.ts';
import { Recaptcha, type Solution } from './recaptcha.ts';

/** How the stand-in is started. */
export interface GoogleOptions {
  port?: number;
  project: string;
  /** The site keys of the project. */
  siteKeys: readonly string[];
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What apps do, and what a test can arrange and see. */
export interface GoogleControl {
  /** A reCAPTCHA token. */
  solve(solution: Solution): string;
  /** What was asked of reCAPTCHA, oldest first. */
  assessed(): { token?: string; siteKey?: string; expectedAction?: string; userAgent?: string }[];
  /** An App Check token. */
  attest(attestation?: Attestation): string;
  rotateAppCheckKeys(): void;
  /** How often the keys of App Check were asked for. */
  keysAsked(): number;
  /** How many access tokens of the service account were handed out. */
  accessTokens(): number;
  fault(...faults: ApiFault[]): void;
  /** Forgets the faults and what was assessed. */
  reset(): void;
}

export interface GoogleStandin extends Listener {
  control: GoogleControl;
}

/**
 * Starts the stand-in for three hosts of Google's, which share no path: reCAPTCHA Enterprise, App
 * Check and the metadata server. Its control is served at the same port.
 */
export async function startGoogle(options: GoogleOptions): Promise<GoogleStandin> {
  const { project, siteKeys, now = Date.now } = options;
  const metadata = new Metadata(project, now);
  const recaptcha = new Recaptcha(project, siteKeys, now);
  const issuer = new AppCheckIssuer(project, now);
  const faults = new ApiFaults();
  const handler: Handler = (call) => {
    if (Metadata.serves(call)) return metadata.answer(call);
    if (AppCheckIssuer.serves(call)) return issuer.keys();
    if (!Recaptcha.serves(call)) return { status: 404 };
    return metadata.accepts(call.headers.authorization) ? recaptcha.assess(call) : { status: 401 };
  };
  const control: GoogleControl = {
    solve: (solution) => recaptcha.solve(solution),
    assessed: () => structuredClone(recaptcha.events),
    attest: (attestation) => issuer.attest(attestation),
    rotateAppCheckKeys: () => {
      issuer.rotate();
    },
    keysAsked: () => issuer.keysAsked,
    accessTokens: () => metadata.handedOut,
    fault: (...planned) => {
      faults.plan(planned);
    },
    reset: () => {
      faults.clear();
      recaptcha.events.length = 0;
    },
  };
  const listener = await listen(withControl(control, faulty(faults, handler)), options.port);
  return { ...listener, control };
}
