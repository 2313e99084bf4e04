import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAdvisories, type Audit } from '../../../scripts/audit/advisories.ts';
import { listen, type Call, type Listener, type Reply } from '../../standins/http.ts';

const ADVISORIES = '/-/npm/v1/security/advisories/bulk';

let folder: string;
let registry: Listener;
/** What the registry answers when it is asked for advisories. */
let answer: Reply;
let asked: Call[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  asked = [];
  registry = await listen((call) => {
    if (call.method === 'GET') return { status: 200, body: packument(call.path.slice(1)) };
    if (call.path !== ADVISORIES) return { status: 404, body: {} };
    asked.push(call);
    return answer;
  });
  writeProject();
});

afterEach(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true });
});

/** npm keeps what it has learnt of an advisory: each test has a cache of its own. */
function ask(settings: Record<string, string> = {}): Promise<Audit> {
  const npm = { npm_config_registry: registry.origin, npm_config_cache: join(folder, 'cache') };
  return readAdvisories(folder, { ...process.env, ...npm, ...settings });
}

/** A package that is deployed, and one that only the developer has. */
function writeProject(): void {
  const manifest = {
    name: 'shop',
    dependencies: { deployed: '1.0.0' },
    devDependencies: { tool: '1.0.0' },
  };
  const packages = {
    '': manifest,
    'node_modules/deployed': { version: '1.0.0' },
    'node_modules/tool': { version: '1.0.0', dev: true },
  };
  const lock = { name: 'shop', lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
}

/** The versions there are of a package. */
function packument(name: string): object {
  const versions = ['1.0.0', '1.0.1'].map((version) => [version, { name, version }] as const);
  return { name, 'dist-tags': { latest: '1.0.1' }, versions: Object.fromEntries(versions) };
}

function advisory(name: string, severity: string): Reply {
  const url = 'https://advisories.example/1';
  const found = { id: 1, url, title: 'Reads too far', severity, vulnerable_versions: '<1.0.1' };
  return { status: 200, body: { [name]: [found] } };
}

test.each(['high', 'critical'])(
  'a %s advisory on a deployed package is refused',
  async (severity) => {
    answer = advisory('deployed', severity);
    await expect(ask()).resolves.toEqual({
      kind: 'answered',
      refused: [`deployed 1.0.0 (${severity}): Reads too far https://advisories.example/1`],
    });
  },
);

test('a moderate advisory is not refused', async () => {
  answer = advisory('deployed', 'moderate');
  await expect(ask()).resolves.toEqual({
    kind: 'answered',
    refused: [],
  });
  expect(asked).toHaveLength(1);
});

test('an advisory on a development tool is not refused', async () => {
  answer = advisory('tool', 'critical');
  await expect(ask()).resolves.toEqual({
    kind: 'answered',
    refused: [],
  });
});

test('a registry without advisories has not answered', async () => {
  answer = { status: 405 };
  await expect(ask()).resolves.toMatchObject({
    kind: 'unanswered',
    reason: expect.stringContaining('405') as string,
  });
});

test('a registry that is away has not answered', async () => {
  await registry.stop();
  await expect(ask()).resolves.toMatchObject({
    kind: 'unanswered',
    reason: expect.stringContaining('ECONNREFUSED') as string,
  });
});

// npm would report no vulnerabilities, without having asked.
test.each([{ npm_config_offline: 'true' }, { npm_config_audit: 'false' }])(
  'the registry is asked in spite of %j',
  async (setting) => {
    answer = advisory('deployed', 'high');
    const audit = await ask(setting);
    expect(audit).toMatchObject({ kind: 'answered', refused: [expect.anything()] });
  },
);

test('without a lock file it fails', async () => {
  rmSync(join(folder, 'package-lock.json'));
  await expect(ask()).rejects.toThrow('npm audit failed');
});
