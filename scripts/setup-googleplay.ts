import { parseArgs } from 'node:util';
import { PubSub } from '@google-cloud/pubsub';
import { leftToDo } from './googleplay/left-to-do.ts';
import type { Plan } from './googleplay/plan.ts';
import { setUpGrants, setUpTopics } from './googleplay/pubsub.ts';

const usage = `Makes the way from Google Play to googleplay-handleWebhookEvents. Running it again is safe.

  node scripts/setup-googleplay.ts --project <id> --project-number <number> \\
    --endpoint <https address of googleplay-handleWebhookEvents> --sender <service account's e-mail>

It asks as whom \`gcloud auth application-default login\` has signed in. The number:
  gcloud projects describe <id> --format 'value(projectNumber)'`;

const required = {
  project: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  'project-number': /^\d{1,20}$/,
  endpoint: /^https:\/\/[^\s?#]+$/,
  sender: /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/,
};

const plan = planFrom(process.argv.slice(2));
if (plan === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  await setUp(plan);
}

function planFrom(args: string[]): Plan | undefined {
  const options = Object.fromEntries(
    Object.keys(required).map((name) => [name, { type: 'string' as const }]),
  );
  const { values } = parseArgs({ args, options, strict: false });
  const wrong = Object.entries(required).filter(([name, pattern]) => {
    const value = values[name];
    return typeof value !== 'string' || !pattern.test(value);
  });
  if (wrong.length > 0) {
    console.error(`Missing or malformed: ${wrong.map(([name]) => `--${name}`).join(', ')}\n`);
    return undefined;
  }
  const textOf = (name: keyof typeof required) => String(values[name]);
  return {
    project: textOf('project'),
    projectNumber: textOf('project-number'),
    endpoint: textOf('endpoint'),
    sender: textOf('sender'),
  };
}

async function setUp(given: Plan): Promise<void> {
  const pubsub = new PubSub({ projectId: given.project });
  const report = (line: string) => {
    console.log(`  ${line}`);
  };
  try {
    await setUpTopics(pubsub, given, report);
    if (pubsub.isEmulator) report('skipped    grants: the emulator has none');
    else await setUpGrants(pubsub, given, report);
    console.log(leftToDo(given));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await pubsub.close();
  }
}
