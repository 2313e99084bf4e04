import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { aimAt } from './doctor/database.ts';
import { readExamples, type Setting } from './doctor/examples.ts';
import { readSwitches } from './doctor/parts.ts';
import { configureProject } from './reconcile/configuration.ts';
import { webhookAddress, type Place } from './setup/addresses.ts';
import { answersFromTerminal, answersOf, type Answers } from './setup/answers.ts';
import { DOMAIN, forgetSettings, PROJECT_ID, readOptions } from './setup/command.ts';
import { fileFor, keepSecret, prepareVariables } from './setup/keep.ts';
import { Interview, type Change } from './setup/project.ts';
import { DEFAULT_DATABASE, readDatabase } from './stack/values.ts';

const usage = `Sets up a project: asks for what is missing, writes functions/.env and the secrets. Running it again is safe.

  npm run setup -- --project <id> [--domain <your-domain.com>] [--answers <file> [--overwrite]]

Without a domain it takes <project>.web.app. --answers takes the answers from a file of NAME=value lines, with
GATEWAYS=stripe,paypal; --overwrite lets them replace values that are there.`;

const given = readOptions(usage, {
  required: { project: PROJECT_ID },
  optional: { domain: DOMAIN, answers: /./ },
  flags: ['overwrite'],
});
if (given !== undefined) {
  const { project, domain = `${project}.web.app`, overwrite = false } = given;
  const answers =
    given.answers === undefined ? answersFromTerminal() : answersOf(given.answers, overwrite);
  try {
    await setUp({ project, domain }, answers);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  } finally {
    answers.close();
  }
}

async function setUp(place: Place, answers: Answers): Promise<void> {
  const { project } = place;
  forgetSettings();
  const own = { ...process.env };
  configureProject(project);
  const settings = readExamples();
  const strange = answers.names.filter(
    (name) => name !== 'GATEWAYS' && !settings.some((setting) => setting.name === name),
  );
  if (strange.length > 0) throw new Error(`Nothing was changed: there is no ${strange.join(', ')}`);
  const suggest = ({ name }: Setting) => callbackAddress(name, settings, place);
  const changes = await new Interview(settings, answers, suggest).run();
  const file = fileFor(project, variablesOf(changes));
  const agreed: Change[] = [];
  for (const change of changes) {
    if (await isAgreed(change, file, settings, answers)) agreed.push(change);
  }
  write(project, file, agreed);
  const database = readDatabase();
  const isAimed = await aimAt(database);
  if (isAimed) console.log(`  set        firestore.database=${database}, in firebase.json`);
  if (changes.length === 0 && !isAimed) console.log('Nothing has changed.');
  console.log(leftToDo(settings, place));
  const doctor = spawnSync(process.execPath, [resolve(import.meta.dirname, 'doctor.ts')], {
    // Not with the answers: it reads what was kept.
    env: { ...own, GOOGLE_CLOUD_PROJECT: project },
    stdio: 'inherit',
  });
  if (doctor.status !== 0) process.exitCode = 1;
}

/** Where a gateway that is told an address with each order is to call: it follows from the domain. */
function callbackAddress(name: string, settings: readonly Setting[], place: Place) {
  const owner = readSwitches(settings).find(({ variable }) => name === callbackOf(variable));
  return owner && webhookAddress(owner.gateway, place);
}

function callbackOf(variable: string): string {
  return variable.replace(/ENABLED$/, 'CALLBACK_URL');
}

function variablesOf(changes: readonly Change[]): Record<string, string> {
  const variables = changes.filter(({ setting }) => !setting.isSecret);
  return Object.fromEntries(variables.map(({ setting, value }) => [setting.name, value]));
}

/** Whether the project has a value already, or may have one. */
function isThere({ before, isUnread }: Change): boolean {
  return isUnread || (before?.trim() ?? '') !== '';
}

/** Asks before a value that is there goes, except for a gateway that is switched on. */
async function isAgreed(
  change: Change,
  file: string,
  settings: readonly Setting[],
  answers: Answers,
): Promise<boolean> {
  const { setting, value, before, isUnread } = change;
  const { name, isSecret } = setting;
  const isSwitchedOn =
    value === 'true' && readSwitches(settings).some(({ variable }) => variable === name);
  if (!isThere(change) || isSwitchedOn) return true;
  const has = isUnread ? 'cannot be read, and may have a value' : 'has another value';
  const question = isSecret
    ? `${name} ${has}. Replace it, in Secret Manager?`
    : `${name} is ${String(before)}. Replace it by ${value}, in ${file}?`;
  if (await answers.mayReplace(question)) return true;
  console.log(`  left       ${name}: it ${has}`);
  process.env[name] = before ?? '';
  return false;
}

/**
 * Writes what was agreed, the secrets first: without one, variables would name what is not there.
 * @throws Error that says what was written before the failure.
 */
function write(project: string, file: string, changes: readonly Change[]): void {
  const writeVariables = prepareVariables(file, variablesOf(changes));
  const written: string[] = [];
  const report = (change: Change, what: string) => {
    written.push(change.setting.name);
    console.log(`  ${isThere(change) ? 'replaced ' : 'set      '}  ${what}`);
  };
  const [secrets, variables] = [true, false].map((isSecret) =>
    changes.filter(({ setting }) => setting.isSecret === isSecret),
  ) as [Change[], Change[]];
  try {
    for (const change of secrets) {
      keepSecret(project, change.setting.name, change.value);
      report(change, `${change.setting.name}, in Secret Manager`);
    }
    if (variables.length === 0) return;
    writeVariables();
    for (const change of variables)
      report(change, `${change.setting.name}=${change.value}, in ${file}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const list = written.join(', ') || 'nothing';
    throw new Error(`${reason}\nWritten before that: ${list}. Run this again.`, { cause: error });
  }
}

/** What no program may do for the operator, or another command does. */
function leftToDo(settings: readonly Setting[], place: Place): string {
  const { project, domain } = place;
  const commands: Readonly<Record<string, string>> = {
    stripe: `npm run setup:stripe -- --project ${project} --domain ${domain}`,
    paypal: `npm run setup:paypal -- --project ${project} --domain ${domain}`,
    googleplay: `npm run setup:googleplay -- --project ${project} --project-number <number> --endpoint ${webhookAddress('googleplay', place)} --sender <service account's e-mail>`,
  };
  const lines = readSwitches(settings)
    .filter(({ variable }) => process.env[variable] === 'true')
    .map(({ gateway, variable }) => {
      const paste = `paste ${webhookAddress(gateway, place)} (functions/src/gateways/${gateway}/README.md)`;
      const isTold = settings.some(({ name }) => name === callbackOf(variable));
      const told = `nothing to register: every order carries ${callbackOf(variable)}`;
      return `  ${gateway.padEnd(10)} ${commands[gateway] ?? (isTold ? told : paste)}`;
    });
  const database = readDatabase();
  if (database !== DEFAULT_DATABASE) {
    const make = `npx firebase firestore:databases:create ${database} --project ${place.project}`;
    lines.unshift(`  firestore  ${make} --location <near the functions>, unless it is there`);
  }
  return [
    '',
    'Left to do:',
    ...lines,
    `  indexes    npx firebase deploy --only firestore:indexes --project ${project}, and wait until all are built`,
    `  deployment npx firebase deploy --project ${project} (docs/operating.md)`,
    '',
  ].join('\n');
}
