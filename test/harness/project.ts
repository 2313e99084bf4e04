import { execFile } from 'node:child_process';
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
const secrets = JSON.parse(readFileSync('secrets.json', 'utf8'));
if (command === 'functions:secrets:access') {
  if (secrets[name] === undefined) process.exit(1);
  console.log(secrets[name]);
} else if (command === 'functions:secrets:set' && args.includes('--data-file')) {
  const value = readFileSync(0, 'utf8');
  if (existsSync('refuses')) {
    console.error('\\nError: HTTP Error: 403, no permission to add ' + value);
    process.exit(2);
  }
  writeFileSync('secrets.json', JSON.stringify({ ...secrets, [name]: value }));
} else {
  process.exit(3);
}
`;

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

  /** From now on the CLI does not keep secrets, or does again. */
  refuseSecrets(on: boolean): void {
    if (on) this.write('refuses', '');
    else rmSync(join(this.folder, 'refuses'));
  }

  /** Runs a script of ours there. */
  run(script: string, ...args: string[]): Promise<Ran> {
    return this.runWith({}, script, ...args);
  }

  /** Runs it with variables that the operator has exported. */
  runWith(
    exported: Readonly<Record<string, string>>,
    script: string,
    ...args: string[]
  ): Promise<Ran> {
    const env = { PATH: process.env['PATH'], ...exported };
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

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
