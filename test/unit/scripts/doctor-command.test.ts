import { OperatorsProject, type Ran } from '../../harness/project.ts';

/** `npm run doctor`, as the Firebase CLI and an operator run it. */

jest.setTimeout(60_000);

const WHOLE = { PAYMENTS_MODE: 'test' };
const SECRETS = { PLATFONE_API_KEY: 'key' };
const LIVE = { GCLOUD_PROJECT: 'live-1' };

let project: OperatorsProject | undefined;

afterEach(() => project?.remove());

/** @param files what is written over the project's own, by path. */
function doctor(
  variables: Readonly<Record<string, string>>,
  exported: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  ...args: string[]
): Promise<Ran> {
  project = new OperatorsProject(variables, SECRETS);
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  Object.assign(project.shell, exported);
  return project.run('scripts/doctor.ts', ...args);
}

test('before a deployment the project that the CLI names is looked at, not the exported one', async () => {
  const exported = { ...LIVE, GOOGLE_CLOUD_PROJECT: 'staging-1' };
  const files = { 'functions/.env.live-1': 'TOPUP_MIN_CENTS=x\n' };
  const { code, stdout } = await doctor(WHOLE, exported, files);
  expect([code, stdout]).toEqual([1, expect.stringContaining('✗ TOPUP_MIN_CENTS')]);
});

test('what only the environment has is no setting of a deployment', async () => {
  const exported = { ...WHOLE, ...SECRETS, STRIPE_ENABLED: 'true' };
  const { code, stdout } = await doctor({}, { ...LIVE, ...exported }, { 'functions/.env': '' });
  expect(code).toBe(1);
  const words = 'is taken from your environment, and not deployed';
  for (const name of ['PAYMENTS_MODE', 'STRIPE_ENABLED']) {
    expect(stdout).toMatch(new RegExp(`✗ ${name} +${words}`));
  }
  expect(stdout).toMatch(/✓ PLATFONE_API_KEY +set/);
});

test('what the files have goes before the environment', async () => {
  const { code } = await doctor(WHOLE, { ...LIVE, PAYMENTS_MODE: 'lave' });
  expect(code).toBe(0);
});

test('files are read as the Firebase CLI reads them, that of an alias too', async () => {
  const { code, stdout } = await doctor(WHOLE, LIVE, {
    '.firebaserc': JSON.stringify({ projects: { prod: 'live-1', other: 'other-1' } }),
    'functions/.env.prod': 'TOPUP_MIN_CENTS=x\n',
    'functions/.env.other': 'TOPUP_MAX_CENTS=x\n',
    // Node's own reader takes these quotes off.
    'functions/.env.live-1': 'ADJUSTMENT_LIMIT_CENTS=`5000`\n',
  });
  expect(code).toBe(1);
  expect(stdout).toContain('✗ TOPUP_MIN_CENTS');
  expect(stdout).toContain('✗ ADJUSTMENT_LIMIT_CENTS');
  expect(stdout).toContain('✓ TOPUP_MAX_CENTS');
});

test.each([['--projct', 'live-1'], ['--help']])('%s prints the usage', async (...args) => {
  const { code, stderr } = await doctor(WHOLE, {}, {}, ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining('npm run doctor [-- --project')]);
  expect(stderr).not.toMatch(/^ +at /m);
});
