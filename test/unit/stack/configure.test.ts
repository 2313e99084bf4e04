import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developersValues, valuesUnder } from '../../../scripts/stack/configure.ts';
import { setEnvironment } from '../../harness/environment.ts';

const example = readFileSync('functions/.env.example', 'utf8');
const home = process.cwd();
const given = ['TOPUP_MIN_CENTS', 'PLATFONE_API_URL', 'PLATFONE_API_KEY', 'STRIPE_SECRET_KEY'];
const before = Object.fromEntries(given.map((name) => [name, process.env[name]]));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'configure-'));
  mkdirSync(join(folder, 'functions'));
  write('.env.example', example);
  process.chdir(folder);
  setEnvironment(Object.fromEntries(given.map((name) => [name, undefined])));
});

afterEach(() => {
  process.chdir(home);
  setEnvironment(before);
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'functions', name), text);
}

test("the stack's own values point at its stand-ins", () => {
  const { parameters, secrets } = developersValues();
  expect(parameters).toMatchObject({
    PAYMENTS_MODE: 'test',
    PLATFONE_API_URL: 'http://127.0.0.1:9200/api/v1',
    STRIPE_ENABLED: 'true',
    STRIPE_API_URL: 'http://127.0.0.1:9201',
  });
  expect(secrets).toMatchObject({
    PLATFONE_API_KEY: 'retail-standin',
    STRIPE_SECRET_KEY: 'sk_test_standin',
  });
});

test("a developer's files win over the stack's own values, the environment over both", () => {
  write('.env.local', 'PLATFONE_API_URL=http://file.test/api/v1\nTOPUP_MIN_CENTS=111\n');
  write('.secret.local', 'PLATFONE_API_KEY=of-the-file\nSTRIPE_SECRET_KEY=sk_test_file\n');
  setEnvironment({ TOPUP_MIN_CENTS: '222', STRIPE_SECRET_KEY: 'sk_test_environment' });
  const { parameters, secrets } = developersValues();
  expect(parameters).toMatchObject({
    PLATFONE_API_URL: 'http://file.test/api/v1',
    TOPUP_MIN_CENTS: '222',
  });
  expect(secrets).toMatchObject({
    PLATFONE_API_KEY: 'of-the-file',
    STRIPE_SECRET_KEY: 'sk_test_environment',
  });
});

test('a blank value is none: the example files may be copied as they are', () => {
  write('.secret.local', readFileSync(join(home, 'functions/.secret.local.example'), 'utf8'));
  write('.env.local', 'PLATFONE_API_URL=\n');
  const { parameters, secrets } = developersValues();
  expect(secrets).toMatchObject({ PLATFONE_API_KEY: 'retail-standin' });
  expect(parameters).toMatchObject({ PLATFONE_API_URL: 'http://127.0.0.1:9200/api/v1' });
});

test('nothing but documented variables gets in, and no secret among the parameters', () => {
  write('.env.local', 'PLATFONE_API_KEY=of-the-file\nSOMETHING_ELSE=1\n');
  const { parameters, secrets } = developersValues();
  expect({ ...parameters, ...secrets }).not.toHaveProperty('SOMETHING_ELSE');
  expect(parameters).not.toHaveProperty('PLATFONE_API_KEY');
  expect(secrets).toMatchObject({ PLATFONE_API_KEY: 'of-the-file' });
});

test("the suite's values are those that are given, whatever files and environment say", () => {
  write('.env.local', 'TOPUP_MIN_CENTS=111\n');
  setEnvironment({ STRIPE_SECRET_KEY: 'sk_test_environment' });
  const { parameters, secrets } = valuesUnder({ PLATFONE_API_KEY: 'given' });
  expect(parameters).not.toHaveProperty('TOPUP_MIN_CENTS');
  expect(secrets).toMatchObject({
    PLATFONE_API_KEY: 'given',
    STRIPE_SECRET_KEY: 'sk_test_standin',
  });
});
