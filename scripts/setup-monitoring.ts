import { parseArgs } from 'node:util';
import { openGoogle } from './google/client.ts';
import { bringUp } from './monitoring/bring-up.ts';
import { configureProject } from './reconcile/configuration.ts';
import { deployedUrl } from './stack/values.ts';

const usage = `Brings up what monitoring/ holds: alert policies, an uptime check, metrics of the log, a dashboard.
Running it again is safe.

  npm run setup:monitoring -- --project <id> --email <where alerts go> \\
    [--health <https address of app-health, where it has a domain of its own>]

It asks as whom \`gcloud auth application-default login\` has signed in, who needs
roles/monitoring.editor and roles/logging.configWriter.`;

const { values } = parseArgs({
  options: { project: { type: 'string' }, email: { type: 'string' }, health: { type: 'string' } },
  strict: false,
});
const project = String(values.project ?? '');
const email = String(values.email ?? '');
configureProject(project);
const health = String(values.health ?? `${deployedUrl(project)}/app-health`);

const wrong = [
  !/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project) && '--project',
  !/^[^@\s]+@[^@\s]+$/.test(email) && '--email',
  !/^https:\/\/[^\s?#/]+\/[^\s?#]+$/.test(health) && '--health',
].filter((name) => name !== false);

if (wrong.length > 0) {
  console.error(`Missing or malformed: ${wrong.join(', ')}\n\n${usage}`);
  process.exitCode = 2;
} else {
  try {
    const { host, pathname: path } = new URL(health);
    await bringUp(openGoogle(), { project, host, path }, email, (line) => {
      console.log(`  ${line}`);
    });
    console.log(
      `\nAlerts go to ${email}. Google sends it no mail to confirm: make a test notification in the console.`,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
