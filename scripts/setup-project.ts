import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readExamples, type Setting } from './doctor/examples.ts';
import { readSwitches } from './doctor/parts.ts';
import { configureProject } from './reconcile/configuration.ts';
import { webhookAddress } from './setup/addresses.ts';
import { answersFromTerminal, answersOf, type Answers } from './setup/answers.ts';
import { keepSecret, keepVariable } from './setup/keep.ts';
import { Interview, type Change } from './setup/project.ts';

const usage = `Sets up a project: asks for what is missing, writes functions/.env and the secrets. Running it again is safe.

  npm run setup -- --project <id> [--domain <your-domain.com>] [--answers <file> [--overwrite]]

Without a domain it takes <project>.web.app. --answers takes the answers from a file of NAME=value lines, with
GATEWAYS=stripe,paypal; --overwrite lets them replace values that are there.`;

const text = { type: 'string' } as const;
const options = {
  project: text,
  domain: text,
  answers: text,
  overwrite: { type: 'boolean' },
} as const;
const { values } = parseArgs({ options, strict: false });
const project = String(values.project ?? '');
const domain = String(values.domain ?? `${project}.web.app`);

if (!/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project)) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const answers =
    typeof values.answers === 'string'
      ? answersOf(values.answers, values.overwrite === true)
      : answersFromTerminal();
  try {
    await setUp(answers);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  } finally {
    answers.close();
  }
}

async function setUp(answers: Answers): Promise<void> {
  const own = { ...process.env };
  configureProject(project);
  const settings = readExamples();
  const strange = answers.names.filter(
    (name) => name !== 'GATEWAYS' && !settings.some((setting) => setting.name === name),
  );
  if (strange.length > 0) throw new Error(`Nothing was changed: there is no ${strange.join(', ')}`);
  const changes = await new Interview(settings, answers, suggestionFor(settings)).run();
  if (changes.length === 0) console.log('Nothing has changed.');
  for (const change of changes) await keep(change, answers);
  console.log(leftToDo(settings));
  const doctor = spawnSync(process.execPath, [resolve(import.meta.dirname, 'doctor.ts')], {
    // Not with the answers: it reads what was kept.
    env: { ...own, GOOGLE_CLOUD_PROJECT: project },
    stdio: 'inherit',
  });
  if (doctor.status !== 0) process.exitCode = 1;
}

/** Where gateways are to call follows from the domain. */
function suggestionFor(settings: readonly Setting[]) {
  const switches = readSwitches(settings);
  return ({ name }: Setting): string | undefined => {
    const owner = switches.find(
      ({ variable }) => name === variable.replace(/ENABLED$/, 'CALLBACK_URL'),
    );
    return owner && webhookAddress(owner.gateway, { project, domain });
  };
}

async function keep({ setting, value, before }: Change, answers: Answers): Promise<void> {
  const { name, isSecret } = setting;
  const isSwitch = name.endsWith('_ENABLED');
  const isThere = (before?.trim() ?? '') !== '';
  if (isThere && !isSwitch && !(await answers.mayReplace(name))) {
    console.log(`  left       ${name}: it has another value`);
    return;
  }
  const verb = isThere ? 'replaced ' : 'set      ';
  if (isSecret) {
    keepSecret(project, name, value);
    console.log(`  ${verb}  ${name}, in Secret Manager`);
  } else {
    console.log(`  ${verb}  ${name}=${value}, in ${keepVariable(project, name, value)}`);
  }
}

/** What no program may do for the operator, or another command does. */
function leftToDo(settings: readonly Setting[]): string {
  const commands: Readonly<Record<string, string>> = {
    stripe: `npm run setup:stripe -- --project ${project} --domain ${domain}`,
    paypal: `npm run setup:paypal -- --project ${project} --domain ${domain}`,
    googleplay: 'npm run setup:googleplay',
  };
  const lines = readSwitches(settings)
    .filter(({ variable }) => process.env[variable] === 'true')
    .map(({ gateway }) => {
      const address = webhookAddress(gateway, { project, domain });
      const command = commands[gateway];
      return `  ${gateway.padEnd(10)} ${command ?? `paste ${address} (functions/src/gateways/${gateway}/README.md)`}`;
    });
  return ['', 'Left to do, then npx firebase deploy:', ...lines, ''].join('\n');
}
