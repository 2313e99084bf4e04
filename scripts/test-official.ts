import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startOfficialFirestore } from './stack/firestore/official.ts';
import { ports } from './stack/values.ts';

/**
 * Runs the integration suite and the rules tests on Google's own Firestore emulator: the proof that
 * the embedded one behaves like the real one. Where there is none, says so and counts as skipped.
 */
async function main(): Promise<number> {
  const firestore = await startOfficialFirestore({ port: ports.firestore });
  if (firestore.host === undefined) {
    console.log(`skipped: the suite on the official Firestore emulator (${firestore.reason})`);
    return 0;
  }
  console.log(`Official Firestore emulator (${firestore.source}) at ${firestore.host}`);
  try {
    return await integrationSuite(firestore.host);
  } finally {
    await firestore.stop();
  }
}

async function integrationSuite(host: string): Promise<number> {
  const child = spawn('npm', ['run', '--silent', 'integration'], {
    stdio: 'inherit',
    env: { ...process.env, FIRESTORE_EMULATOR_HOST: host },
  });
  // Ctrl-C reaches the suite as well; we wait for it to clean up after itself.
  process.on('SIGINT', () => undefined);
  await once(child, 'exit');
  return child.exitCode ?? 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
