import { parseArgs } from 'node:util';
import { configureProject, configureStack, readSecret } from './reconcile/configuration.ts';
import { examine, type Examined } from './doctor/examine.ts';
import { readExamples } from './doctor/examples.ts';
import { examineProject } from './doctor/project.ts';
import { readDeployment } from './doctor/parts.ts';

/*
 * Reads the configuration with the code that the functions use, and says of each setting whether it is
 * right, or what is wrong and what to do. `npm run doctor` looks at the stack's own values;
 * `GOOGLE_CLOUD_PROJECT=<project> npm run doctor` at `functions/.env` and the secrets of a project. The
 * Firebase CLI runs it before every deployment, which ends when it finds a fault.
 *
 * `npm run doctor -- --project <project>` looks at what is deployed, too, as whom
 * `gcloud auth application-default login` has signed in, and changes nothing there.
 */
const { project: deployed } = parseArgs({ options: { project: { type: 'string' } } }).values;
const project = deployed ?? process.env['GOOGLE_CLOUD_PROJECT'] ?? process.env['GCLOUD_PROJECT'];
if (project === undefined) configureStack();
else configureProject(project);

const { parts, secrets, on, off } = readDeployment(readExamples());
const unseen = new Set<string>();
if (project !== undefined) {
  for (const name of secrets) {
    const value = readSecret(name);
    if (value === undefined) unseen.add(name);
    else process.env[name] = value;
  }
}

const examined = [
  ...examine(parts, process.env, unseen),
  ...(deployed === undefined ? [] : await examineProject(deployed, on)),
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

function toText({ title, findings }: Examined): string {
  const lines = findings.map(({ name, state, words, fix }) => {
    const mark = { ok: '✓', wrong: '✗', unseen: '?' }[state];
    const told = `  ${mark} ${name.padEnd(34)} ${words}`;
    return state === 'ok' || fix === undefined ? told : `${told}\n      ${fix}`;
  });
  return [title, ...lines].join('\n');
}
