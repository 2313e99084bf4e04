// Brings a fresh clone to where everything runs. Plain JavaScript without dependencies: it runs on
// the machine's own Node, before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

const OLDEST_NODE = 20;

// What the functions are deployed on, once it is installed: npm leaves out optional packages that do
// not suit the Node it runs on, and one of them is the functions' Firestore client.
const path = `${resolve('node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`;
const env = { ...process.env, PATH: path };

const major = Number(process.versions.node.split('.')[0]);
if (major < OLDEST_NODE) {
  console.error(`Node ${OLDEST_NODE} or newer is needed; this is ${process.versions.node}.`);
  process.exit(1);
}

try {
  await install('.', 'development tools (about a minute the first time)');
  await install('functions', 'functions');
  await build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/**
 * Installs what the lock file says, unless it is installed already.
 * @param {string} folder
 * @param {string} what
 */
async function install(folder, what) {
  const lock = readFileSync(join(folder, 'package-lock.json'));
  await unlessDone(join(folder, 'node_modules', '.installed'), [lock], () =>
    step('install', what, 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], folder),
  );
}

/** Compiles the functions, unless what they are compiled from is as it was. */
async function build() {
  const sources = readdirSync(join('functions', 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('functions', 'src', name));
  const settings = ['tsconfig.json', 'functions/tsconfig.json', 'functions/package-lock.json'];
  const inputs = [...sources.sort(), ...settings].flatMap((file) => [file, readFileSync(file)]);
  await unlessDone(join('functions', 'lib', '.built'), inputs, () =>
    step('build', 'functions', 'npm', ['--prefix', 'functions', 'run', '--silent', 'build']),
  );
}

/**
 * Does something unless its inputs are those of the last time that it came to its end.
 * @param {string} stamp the file that keeps their hash, beside what was made of them
 * @param {readonly (string | Buffer)[]} inputs
 * @param {() => Promise<void>} act
 */
async function unlessDone(stamp, inputs, act) {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input);
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(stamp, { force: true });
  await act();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/**
 * Runs one long step and says how long it took; its output is shown only when it fails.
 * @param {string} verb
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 */
async function step(verb, what, command, args, cwd = '.') {
  const started = Date.now();
  process.stdout.write(`${verb.padEnd(8)} ${what} …`);
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()));
  }
  /** @type {unknown[]} */
  const closed = await once(child, 'close');
  if (closed[0] !== 0) throw new Error(` failed\n${output}`);
  process.stdout.write(` ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
