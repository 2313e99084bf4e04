import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Follows docs/adding-a-gateway.md in a copy of the project: runs its commands, writes its files,
 * and compares the result of each step with the document.
 */
jest.setTimeout(300_000);

const DOCUMENT = readFileSync('docs/adding-a-gateway.md', 'utf8');

/** The fenced blocks that are files, in order: the fence names the path. */
const files = [...DOCUMENT.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, path = '', text = '']) => ({ path, text }),
);

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'new-gateway-'));
  for (const path of ['functions', 'monitoring', 'scripts', 'test']) {
    cpSync(path, join(project, path), {
      recursive: true,
      filter: (source) =>
        !/^(node_modules|lib|\.env|\.env\.local|\.secret\.local)$/.test(basename(source)),
    });
  }
  for (const path of [
    'package.json',
    'tsconfig.json',
    'jest.config.js',
    'eslint.config.js',
    '.prettierrc.json',
    '.prettierignore',
  ]) {
    cpSync(path, join(project, path));
  }
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  symlinkSync(resolve('functions/node_modules'), join(project, 'functions/node_modules'));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

/** Runs a script of the copy; resolves to whether it went well, and what it said. */
function run(script: string, ...args: string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((done) => {
    // A suite that is meant to fail is not counted among ours.
    const env = { ...process.env, TALLY_FOLDER: '' };
    execFile(
      process.execPath,
      [script, ...args],
      { cwd: project, env },
      (error, stdout, stderr) => {
        done({ ok: error === null, output: stdout + stderr });
      },
    );
  });
}

const jestOf = (pattern: string, ...more: readonly string[]) =>
  run(
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    'unit',
    '--testPathPatterns',
    pattern,
    ...more,
  );

const contract = () => jestOf('gateways/acme');

/** The house's rules, for the new gateway alone where a rule is checked for each gateway. */
const houseRules = () =>
  Promise.all([
    jestOf('repository/gateway-shape', '--testNamePattern', 'acme has the shape'),
    jestOf('repository/tidy|http/paying-calls'),
  ]);

async function expectTidy(): Promise<void> {
  const paths = ['functions/src', 'test', 'scripts'].map((folder) => `${folder}/**/*acme*/**`);
  const checks = [
    run('node_modules/typescript/bin/tsc', '-p', 'functions', '--noEmit'),
    run('node_modules/typescript/bin/tsc', '-p', '.'),
    run('node_modules/eslint/bin/eslint.js', '--max-warnings', '0', ...paths.slice(0, 2)),
    run(
      'node_modules/prettier/bin/prettier.cjs',
      '--check',
      ...paths.slice(0, 2),
      'functions/src/index.ts',
      'functions/src/staff/gateways.ts',
    ),
  ];
  const results = [...(await Promise.all(checks)), ...(await houseRules())];
  for (const { ok, output } of results) expect(ok ? '' : output).toBe('');
}

function write(wanted: string): void {
  const chosen = files.filter(({ path }) => path.includes(wanted));
  expect(chosen).not.toEqual([]);
  for (const { path, text } of chosen) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
}

test('the document leads to a gateway that keeps the contract', async () => {
  expect(DOCUMENT).toContain('\nnpm run new-gateway -- acme\n');
  expect(DOCUMENT).toContain('\nnpx jest --selectProjects unit --testPathPatterns gateways/acme\n');

  const started = await run('scripts/new-gateway.ts', 'acme');
  expect(started.ok ? '' : started.output).toBe('');
  await expectTidy();
  const untouched = await contract();
  expect(untouched).toMatchObject({ ok: false });
  expect(untouched.output).toContain('Write functions/src/gateways/acme/signature.ts');
  expect(untouched.output).toContain('PASS unit test/unit/gateways/acme/checkout.test.ts');

  write('fixtures/acme');
  write('signature.ts');
  const proven = await contract();
  expect(proven).toMatchObject({ ok: false });
  expect(proven.output).toContain('Write functions/src/gateways/acme/movements.ts');
  expect(proven.output).not.toContain('Write functions/src/gateways/acme/signature.ts');

  for (const { path } of files) write(path);
  const finished = await contract();
  expect(finished.ok ? '' : finished.output).toBe('');
  expect(finished.output).toContain('PASS unit test/unit/gateways/acme/checkout.test.ts');
  await expectTidy();
});

test('a name that will not do writes nothing', async () => {
  for (const name of ['', 'Acme', 'a', '1acme', 'ac-me', '../acme', 'sync', 'stripe']) {
    expect(await run('scripts/new-gateway.ts', name)).toMatchObject({ ok: false });
  }
});

test('a long name is written as tidily as a short one', async () => {
  const { ok } = await run('scripts/new-gateway.ts', 'averylonggatewaynamefromfaraway');
  expect(ok).toBe(true);
  const lines = readFileSync(join(project, 'functions/src/index.ts'), 'utf8').split('\n');
  const gateways = lines.filter((line) => line.includes('./gateways/'));
  expect(gateways).toEqual(gateways.toSorted());
  expect(lines.filter((line) => line.includes('averylonggateway'))).toHaveLength(1);
  const tidy = await run(
    'node_modules/prettier/bin/prettier.cjs',
    '--check',
    'functions/src',
    'test',
  );
  expect(tidy.ok ? '' : tidy.output).toBe('');
});

/** Sixty lines a page. */
test('the document is no longer than two pages', () => {
  expect(DOCUMENT.split('\n').length).toBeLessThanOrEqual(120);
});
