import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** The severities that may not be deployed. */
const REFUSED = ['high', 'critical'];
/** How long the registry may take, in ms. */
const TIMEOUT_MS = 20_000;

/** What the registry knows of the packages that are deployed. */
export type Audit =
  /** One line an advisory of a refused severity. */
  | { readonly kind: 'answered'; readonly refused: readonly string[] }
  | { readonly kind: 'unanswered'; readonly reason: string };

/** The part of `npm audit --json` that is read here. */
interface Report {
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>;
  /** Stands at the top when the registry gave no advisories: it is away, or has none to give. */
  readonly message?: string;
  /** Stands alone when npm could not even ask. */
  readonly error?: { readonly summary?: string };
}

interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
  /** Advisories, or the names of packages that bring the vulnerable one along. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

/**
 * Asks the registry for advisories on what the lock file of `folder` installs without its
 * development dependencies.
 * @param folder holds a package.json and its lock file
 * @param env holds npm's settings, as `npm_config_registry`
 * @throws Error when npm cannot ask, as without a lock file
 */
export async function readAdvisories(folder: string, env = process.env): Promise<Audit> {
  const report = await runAudit(folder, env);
  if (report.vulnerabilities) {
    const vulnerabilities = Object.values(report.vulnerabilities);
    const refused = vulnerabilities.filter(({ severity }) => REFUSED.includes(severity));
    return { kind: 'answered', refused: refused.map(toLine) };
  }
  if (report.message !== undefined) return { kind: 'unanswered', reason: report.message };
  throw new Error(`npm audit failed: ${report.error?.summary ?? 'it says nothing'}`);
}

async function runAudit(folder: string, env: NodeJS.ProcessEnv): Promise<Report> {
  // With `offline` or without `audit` npm asks nobody and reports no vulnerabilities at all.
  const asking = ['--audit', '--no-offline', '--fetch-retries=0', `--fetch-timeout=${TIMEOUT_MS}`];
  const npm = spawn('npm', ['audit', '--json', '--omit=dev', ...asking], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output] = await Promise.all([text(npm.stdout), once(npm, 'close')]);
  try {
    return JSON.parse(output) as Report;
  } catch {
    throw new Error(`npm audit failed with exit code ${npm.exitCode}`);
  }
}

function toLine({ name, severity, range, via }: Vulnerability): string {
  const reasons = via.map((one) => (typeof one === 'string' ? one : `${one.title} ${one.url}`));
  return `${name} ${range} (${severity}): ${reasons.join(', ')}`;
}
