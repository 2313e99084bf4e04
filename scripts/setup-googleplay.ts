import { PubSub } from '@google-cloud/pubsub';
import { leftToDo } from './googleplay/left-to-do.ts';
import type { Plan } from './googleplay/plan.ts';
import { setUpGrants, setUpTopics } from './googleplay/pubsub.ts';
import { PROJECT_ID, readOptions } from './setup/command.ts';

const usage = `Makes the way from Google Play to googleplay-handleWebhookEvents. Running it again is safe.

  node scripts/setup-googleplay.ts --project <id> --project-number <number> \\
    --endpoint <https address of googleplay-handleWebhookEvents> --sender <service account's e-mail>

It asks as whom \`gcloud auth application-default login\` has signed in. The number:
  gcloud projects describe <id> --format 'value(projectNumber)'`;

const required = {
  project: PROJECT_ID,
  'project-number': /^\d{1,20}$/,
  endpoint: /^https:\/\/[^\s?#]+$/,
  sender: /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/,
};

const values = readOptions(usage, { required });
if (values !== undefined) {
  const { project, endpoint, sender } = values;
  await setUp({ project, projectNumber: values['project-number'], endpoint, sender });
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
