import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** How to run an emulator that is installed here. */
export interface EmulatorCommand {
  readonly source: 'gcloud' | 'firebase-tools';
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** Oldest Java the emulator of each source runs on. */
const MIN_JAVA = { gcloud: 11, 'firebase-tools': 21 };
const RULES = 'firestore.rules';
/** gcloud asks nobody and calls nowhere. */
const OFFLINE = {
  CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
  CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
  CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
};

/** An installed Firestore emulator, or why none can run. Downloads nothing. */
export async function findEmulator(port: number): Promise<EmulatorCommand | { reason: string }> {
  const java = await javaVersion();
  if (java === undefined) return { reason: 'the Firestore emulator needs Java, which is not here' };
  const [gcloud, jar] = await Promise.all([hasGcloudEmulator(), findJar()]);
  if (gcloud && java >= MIN_JAVA.gcloud) {
    const args = ['emulators', 'firestore', 'start', `--host-port=127.0.0.1:${port}`];
    return {
      source: 'gcloud',
      command: 'gcloud',
      args: [...args, `--rules=${RULES}`],
      env: OFFLINE,
    };
  }
  if (jar && java >= MIN_JAVA['firebase-tools']) {
    const args = ['-Duser.language=en', '-jar', jar, '--host=127.0.0.1', `--port=${port}`];
    return {
      source: 'firebase-tools',
      command: 'java',
      args: [...args, `--rules=${RULES}`],
      env: {},
    };
  }
  if (!gcloud && !jar) {
    return { reason: 'neither gcloud nor firebase-tools has a Firestore emulator installed' };
  }
  const needed = gcloud ? MIN_JAVA.gcloud : MIN_JAVA['firebase-tools'];
  return { reason: `the Firestore emulator needs Java ${needed}; this is ${java}` };
}

async function javaVersion(): Promise<number | undefined> {
  const { stderr = '' } = await run('java', ['-version']);
  const major = /version "(\d+)/.exec(stderr)?.[1];
  return major === undefined ? undefined : Number(major);
}

async function hasGcloudEmulator(): Promise<boolean> {
  const { stdout = '' } = await run('gcloud', ['info', '--format=value(installation.sdk_root)']);
  const root = stdout.trim();
  return root !== '' && existsSync(join(root, 'platform', 'cloud-firestore-emulator'));
}

async function findJar(): Promise<string | undefined> {
  const folder =
    process.env['FIREBASE_EMULATORS_PATH'] ?? join(homedir(), '.cache', 'firebase', 'emulators');
  const files = await readdir(folder).catch(() => []);
  const jars = files.filter((file) => /^cloud-firestore-emulator-v.*\.jar$/.test(file));
  const newest = jars.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1);
  return newest && join(folder, newest);
}

async function run(command: string, args: string[]): Promise<{ stdout?: string; stderr?: string }> {
  const env = { ...process.env, ...OFFLINE };
  return promisify(execFile)(command, args, { env }).catch(() => ({}));
}
