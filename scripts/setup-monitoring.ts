import { openGoogle } from './google/client.ts';
import { bringUp } from './monitoring/bring-up.ts';
import { configureProject } from './reconcile/configuration.ts';
import { forgetSettings, PROJECT_ID, readOptions } from './setup/command.ts';
import { deployedUrl } from './stack/values.ts';

const usage = `Brings up what monitoring/ holds: alert policies, an uptime check, metrics of the log, a dashboard.
Running it again is safe.

  npm run setup:monitoring -- --project <id> --email <where alerts go> \\
    [--health <https address of app-health, where it has a domain of its own>]

It asks as whom \`gcloud auth application-default login\` has signed in, who needs
roles/monitoring.editor and roles/logging.configWriter.`;

const given = readOptions(usage, {
  required: { project: PROJECT_ID, email: /^[^@\s]+@[^@\s]+$/ },
  optional: { health: /^https:\/\/[^\s?#/]+\/[^\s?#]+$/ },
});
if (given !== undefined) {
  const { project, email } = given;
  forgetSettings();
  configureProject(project);
  const health = given.health ?? `${deployedUrl(project)}/app-health`;
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
