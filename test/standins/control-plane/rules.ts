import type { Call, Reply } from '../http.ts';
import { assertNew, bodyOf, checkFields, existing, ok, Refused } from './answers.ts';
import type { Api, CloudProject, Json } from './project.ts';

/**
 * https://firebase.google.com/docs/reference/rules/rest. It does not compile the rules: the tests of
 * `firestore.rules` do, on Google's own emulator.
 */
export function rulesApi(project: CloudProject): Api {
  const parent = `/v1/projects/${project.id}`;
  return (call) => {
    const { method, path } = call;
    if (!path.startsWith(parent)) return undefined;
    const rest = path.slice(parent.length);
    if (rest === ':test') return ok();
    if (rest === '/releases' && method === 'GET') {
      return ok({ releases: [...project.releases.values()] });
    }
    if (rest === '/releases') return createRelease(project, bodyOf(call));
    if (rest === '/rulesets' && method === 'POST') return createRuleset(project, call);
    const name = path.slice('/v1/'.length);
    if (rest.startsWith('/rulesets/')) return ok(existing(project.rulesets, name));
    if (!rest.startsWith('/releases/')) return undefined;
    const kept = existing(project.releases, name);
    if (method !== 'PATCH') return ok(kept);
    const { release } = bodyOf(call) as { release: Json };
    return setRelease(project, { ...kept, ...release });
  };
}

/** The rules that are in force in a database. */
export function rulesInForce(project: CloudProject, database = '(default)'): string {
  const service = database === '(default)' ? 'cloud.firestore' : `cloud.firestore/${database}`;
  const release = existing(project.releases, `projects/${project.id}/releases/${service}`);
  const ruleset = existing(project.rulesets, String(release['rulesetName']));
  const { files } = ruleset['source'] as { files: { content: string }[] };
  return files.map(({ content }) => content).join('\n');
}

/** Puts rules into force, as the console does. */
export function putRules(project: CloudProject, content: string): void {
  const name = `projects/${project.id}/rulesets/${project.next()}`;
  const source = { files: [{ name: 'firestore.rules', content }] };
  project.rulesets.set(name, { name, source, createTime: '2026-01-01T00:00:00Z' });
  const release = `projects/${project.id}/releases/cloud.firestore`;
  project.releases.set(release, {
    name: release,
    rulesetName: name,
    createTime: '2026-01-01T00:00:00Z',
  });
}

function createRuleset(project: CloudProject, call: Call): Reply {
  const ruleset = bodyOf(call);
  checkFields(ruleset, ['source', 'attachment_point', 'attachmentPoint', 'metadata'], 'ruleset');
  const { files } = ruleset['source'] as { files: { content: string }[] };
  if (files.length === 0) throw new Refused('INVALID_ARGUMENT', 'source.files is empty.');
  const name = `projects/${project.id}/rulesets/${project.next()}`;
  const made = { ...ruleset, name, createTime: '2026-01-01T00:00:00Z' };
  project.rulesets.set(name, made);
  return ok(made);
}

function createRelease(project: CloudProject, release: Json): Reply {
  assertNew(project.releases, String(release['name']));
  return setRelease(project, { ...release, createTime: '2026-01-01T00:00:00Z' });
}

function setRelease(project: CloudProject, release: Json): Reply {
  checkFields(release, ['name', 'rulesetName', 'createTime', 'updateTime'], 'release');
  existing(project.rulesets, String(release['rulesetName']));
  project.releases.set(String(release['name']), release);
  return ok(release);
}
