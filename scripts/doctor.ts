import { parseArgs } from 'node:util';
import { configureProject, configureStack, readSecret } from './reconcile/configuration.ts';
import { examineTarget } from './doctor/database.ts';
import { examine, type Examined } from './doctor/examine.ts';
import { readExamples } from './doctor/examples.ts';
import { examineProject } from './doctor/project.ts';
import { readDeployment } from './doctor/parts.ts';
import { readDatabase } from './stack/values.ts';

/*
 * Reads the configuration with the code that the functions use, and says of each setting whether it is
 * right, or what is wrong and what to do. `npm run doctor` looks at the stack's own values;
 * `GOOGLE_CLOUD_PROJECT=<project> npm run doctor` at `functions/.env` and the secrets of a project, as a
 * deployment takes them: not at settings of the environment. The Firebase CLI runs it before every
 * deployment, which ends when it finds a fault.
 *
 * `npm run doctor -- --project <project>` looks at what is deployed, too, as whom
 * `gcloud auth application-default login` has signed in, and changes nothing there. `--domain` names a
 * domain of Hosting that gateways call.
 */
const usage = `npm run doctor [-- --project <project> [--domain <a domain of yours>]]`;

const { project: deployed, domain } = readOptions();
const project =
  // The Firebase CLI names the project that it deploys to in GCLOUD_PROJECT.
  deployed ?? process.env['GCLOUD_PROJECT'] ?? process.env['GOOGLE_CLOUD_PROJECT'];
const settings = readExamples();
const given = settings.map(({ name }) => name).filter((name) => process.env[name]?.trim());
if (project === undefined) configureStack();
else {
  // The Firebase CLI deploys what its files say.
  for (const name of given) Reflect.deleteProperty(process.env, name);
  configureProject(project);
}

const { parts, secrets, on, off } = readDeployment(settings);
const unseen = new Set<string>();
if (project !== undefined) {
  for (const name of secrets) {
    const value = readSecret(name);
    if (value === undefined) unseen.add(name);
    else process.env[name] = value;
  }
}

const examined = [
  ...examine(parts, process.env, unseen, project === undefined ? [] : strays()),
  // The stack has its rules and indexes from the files.
  ...(project === undefined ? [] : [examineTarget(readDatabase())]),
  ...(deployed === undefined ? [] : await examineProject(deployed, on, domain)),
];
console.log(examined.map(toText).join('\n\n'));
if (off.length > 0) console.log(`\nOff, and not deployed: ${off.join(', ')}.`);
const inState = (wanted: string) =>
  examined.flatMap(({ findings }) => findings.filter(({ state }) => state === wanted));
const wrong = inState('wrong');
const hidden = inState('unseen').length;
const right = `The configuration ${deployed === undefined ? 'is' : 'and what is deployed are'} right`;
const limit = hidden === 0 ? '.' : `, but for ${hidden} that could not be seen.`;
console.log(wrong.length === 0 ? `\n${right}${limit}` : `\n${wrong.length} to put right.`);
process.exitCode = wrong.length === 0 ? 0 : 1;

/** What only the environment has: a switch, or a setting of what is deployed. */
function strays(): string[] {
  const looked = new Set(parts.flatMap((part) => part.settings.map(({ name }) => name)));
  return given
    .filter((name) => looked.has(name) || name.endsWith('_ENABLED'))
    .filter((name) => !process.env[name]?.trim());
}

/** Ends the process with 2 where they are not understood. */
function readOptions() {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({ options: { project: text, domain: text } }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

function toText({ title, findings }: Examined): string {
  const lines = findings.map(({ name, state, words, fix }) => {
    const mark = { ok: '✓', wrong: '✗', unseen: '?' }[state];
    const told = `  ${mark} ${name.padEnd(34)} ${words}`;
    return state === 'ok' || fix === undefined ? told : `${told}\n      ${fix}`;
  });
  return [title, ...lines].join('\n');
}
