import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ProxiedGoogle } from '../standins/control-plane/behind-proxy.ts';
import { Run } from './run.ts';

/** A command that has ended. */
export interface Ended {
  readonly code: number | null;
  /** What it printed, errors last. */
  readonly out: string;
}

/**
 * This repository as a person has cloned it, in a folder of its own whose path has a space in it, and
 * a project of Google's to deploy it to. The developer's own `.env` is not in it.
 */
export class Deployment {
  readonly #home = mkdtempSync(join(tmpdir(), 'deploy-'));
  readonly folder = join(this.#home, 'a clone');
  readonly #google: ProxiedGoogle;

  constructor(google: ProxiedGoogle) {
    this.#google = google;
    mkdirSync(join(this.folder, 'functions'), { recursive: true });
    const copied = [
      ...['firebase.json', 'firestore.rules', 'firestore.indexes.json', 'package.json'],
      ...['package-lock.json', 'public', 'scripts', 'tsconfig.json', '.prettierrc.json'],
      ...['src', 'package.json', 'package-lock.json', 'tsconfig.json', '.env.example'].map((name) =>
        join('functions', name),
      ),
      join('functions', '.secret.local.example'),
    ];
    for (const path of copied) cpSync(path, join(this.folder, path), { recursive: true });
    for (const path of ['node_modules', join('functions', 'node_modules')]) {
      symlinkSync(resolve(path), join(this.folder, path));
    }
    writeFileSync(join(this.#home, 'authority.pem'), google.authority);
    this.#signIn();
  }

  /** Writes `functions/.env`: the example, with these values. */
  configure(values: Readonly<Record<string, string>>): void {
    const example = readFileSync('functions/.env.example', 'utf8');
    const lines = example.split('\n').filter((line) => {
      const name = /^(?:# )?([A-Z0-9_]+)=/.exec(line)?.[1];
      return name === undefined || values[name] === undefined;
    });
    const given = Object.entries(values).map(([name, value]) => `${name}=${value}`);
    this.write('functions/.env', [...lines, ...given, ''].join('\n'));
  }

  /** Whether a deployment builds the functions first, and asks the doctor; off, it takes what was built. */
  setPredeploy(on: boolean): void {
    const config = JSON.parse(readFileSync('firebase.json', 'utf8')) as { functions: object[] };
    const functions = config.functions.map((one) => (on ? one : { ...one, predeploy: [] }));
    this.write('firebase.json', JSON.stringify({ ...config, functions }));
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  /** `npx firebase … --non-interactive`. */
  firebase(args: readonly string[], input = ''): Promise<Ended> {
    const project = ['--project', this.#google.project.id, '--non-interactive'];
    const cli = join(this.folder, 'node_modules', 'firebase-tools', 'lib', 'bin', 'firebase.js');
    return this.run(process.execPath, [cli, ...args, ...project], {}, input);
  }

  /** A command in the folder. It reaches the stand-in, and nothing outside. */
  async run(
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    input = '',
  ): Promise<Ended> {
    const run = new Run(
      args,
      { ...this.#environment(), ...environment },
      { command, cwd: this.folder, input, inherits: false },
    );
    const code = await run.exitCode();
    return { code, out: run.stdout + run.stderr };
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** As `npx firebase login` leaves it. */
  #signIn(): void {
    const kept = join(this.#home, '.config', 'configstore');
    mkdirSync(kept, { recursive: true });
    const login = {
      user: { email: 'operator@example.com' },
      tokens: { refresh_token: this.#google.refreshToken, expires_at: 1 },
    };
    writeFileSync(join(kept, 'firebase-tools.json'), JSON.stringify(login), { mode: 0o600 });
  }

  /** Nothing of the tests' own variables is in it: the deployment reads its `.env`. */
  #environment(): Record<string, string> {
    const { PATH = '' } = process.env;
    return {
      PATH,
      // The developer's own sign-in is not there.
      HOME: this.#home,
      XDG_CONFIG_HOME: join(this.#home, '.config'),
      CI: 'true',
      NO_COLOR: '1',
      NO_UPDATE_NOTIFIER: '1',
      METADATA_SERVER_DETECTION: 'none',
      HTTPS_PROXY: this.#google.proxy,
      NODE_EXTRA_CA_CERTS: join(this.#home, 'authority.pem'),
    };
  }
}
