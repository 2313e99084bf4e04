import { execFile, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Plays the Firebase CLI: it keeps secrets in a file, and notes how it was called. */
const FIREBASE = `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync('calls.jsonl', JSON.stringify(args) + '\\n');
const [command, name] = args;
// The real one writes its errors to the standard output, too.
function fail(status, reason) {
  console.log('\\nError: Request to https://secretmanager.googleapis.com/v1 had HTTP Error: ' + status + ', ' + reason);
  process.exit(1);
}
const secrets = JSON.parse(readFileSync('secrets.json', 'utf8'));
if (command === 'functions:secrets:access') {
  if (existsSync('unreadable')) fail(403, "Permission 'secretmanager.versions.access' denied");
  if (secrets[name] === undefined) fail(404, 'Secret [' + name + '] not found or has no versions.');
  console.log(secrets[name]);
} else if (command === 'functions:secrets:set' && args.includes('--data-file')) {
  const value = readFileSync(0, 'utf8');
  if (existsSync('refuses') && new RegExp(readFileSync('refuses', 'utf8')).test(name)) {
    fail(403, 'no permission to add ' + value);
  }
  writeFileSync('secrets.json', JSON.stringify({ ...secrets, [name]: value }));
} else {
  process.exit(3);
}
`;

/** The longest talk of a test, in ms. */
const TALK_MS = 30_000;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An operator's clone of the project, with a Firebase CLI of its own, and a Google project behind it. */
export class OperatorsProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'operators-project-'));

  constructor(
    variables: Readonly<Record<string, string>>,
    secrets: Readonly<Record<string, string>>,
  ) {
    for (const path of ['functions', 'node_modules/.bin']) {
      mkdirSync(join(this.folder, path), { recursive: true });
    }
    for (const name of ['lib', 'node_modules', 'package.json']) {
      symlinkSync(resolve('functions', name), join(this.folder, 'functions', name));
    }
    for (const path of [
      '.prettierrc.json',
      'firebase.json',
      'firestore.indexes.json',
      'functions/.env.example',
      'functions/.secret.local.example',
    ]) {
      cpSync(path, join(this.folder, path));
    }
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    if (lines.length > 0) this.write('functions/.env', lines.join(''));
    this.write('secrets.json', JSON.stringify(secrets));
    writeFileSync(join(this.folder, 'node_modules/.bin/firebase'), FIREBASE, { mode: 0o755 });
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return existsSync(join(this.folder, path)) ? readFileSync(join(this.folder, path), 'utf8') : '';
  }

  secret(name: string): string | undefined {
    return (JSON.parse(this.read('secrets.json')) as Record<string, string>)[name];
  }

  /** From now on the CLI does not read secrets that are there. */
  hideSecrets(): void {
    this.write('unreadable', '');
  }

  /** From now on the CLI does not keep secrets of such names, or does again. */
  refuseSecrets(on: boolean, names = ''): void {
    if (on) this.write('refuses', names);
    else rmSync(join(this.folder, 'refuses'));
  }

  /** What the operator's shell has exported. */
  readonly shell: Record<string, string> = {};

  /** Runs a script of ours there. */
  run(script: string, ...args: string[]): Promise<Ran> {
    const env = { PATH: process.env['PATH'], ...this.shell };
    return new Promise((done) => {
      execFile(
        process.execPath,
        [resolve(script), ...args],
        { cwd: this.folder, env },
        (error, stdout, stderr) => {
          done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
        },
      );
    });
  }

  /**
   * Runs a script of ours as a person does who answers its prompts.
   * @param steps what is typed when a text has appeared, in this order.
   */
  talk(
    script: string,
    args: readonly string[],
    steps: readonly (readonly [prompt: string, typed: string])[],
  ): Promise<{ readonly code: number | null; readonly shown: string }> {
    const env = { PATH: process.env['PATH'], ...this.shell };
    const child = spawn(process.execPath, [resolve(script), ...args], { cwd: this.folder, env });
    const left = [...steps];
    let shown = '';
    let seen = 0;
    const look = (chunk = '') => {
      shown += chunk;
      const [[prompt, typed] = ['', '']] = left;
      const at = left.length === 0 ? -1 : shown.indexOf(prompt, seen);
      if (at === -1) return;
      seen = at + prompt.length;
      left.shift();
      // After the prompt, the terminal has to begin to listen.
      setTimeout(() => {
        child.stdin.write(typed);
        look();
      }, 50);
    };
    // A prompt that never comes ends the talk: the script goes when its input ends.
    const end = setTimeout(() => child.stdin.end(), TALK_MS);
    child.stdout.setEncoding('utf8').on('data', look);
    child.stderr.setEncoding('utf8').on('data', look);
    return new Promise((done) => {
      child.on('close', (code) => {
        clearTimeout(end);
        done({ code, shown });
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
