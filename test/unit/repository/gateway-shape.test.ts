import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The one shape of a gateway's folder: the same files, exported names and headings in all of them,
 * so that a reader of one can read all. A gateway may have more files, named for what they hold.
 */

const GATEWAYS = 'functions/src/gateways';

/** The files that every gateway has, and the names that each of them exports. */
const shape: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['handleWebhookEvents'],
  'config.ts': ['NAME', 'omit', 'secrets', 'readConfig', 'readers'],
  'calls.ts': [],
  'checkout.ts': ['CheckoutDeps', 'openCheckout'],
  'gateway.ts': ['GatewayDeps', 'openGateway'],
  'events.ts': ['parseEvent'],
  'signature.ts': ['checkSignature'],
  'movements.ts': ['readMovements'],
};

const headings = [
  'Set up',
  'What becomes a row',
  'Refunds and disputes',
  'When something is wrong',
  'Limits',
];

/** The openers take what a test replaces, and nothing else. */
const openers = [
  { file: 'checkout.ts', opener: 'openCheckout', deps: 'CheckoutDeps' },
  { file: 'gateway.ts', opener: 'openGateway', deps: 'GatewayDeps' },
];

/** A bag of dependencies is called Deps; a function is called by a verb, not by a participle. */
const wrongNames = [
  /\b(?:interface|type) \w*(?:Desk|Books|Means|Parts|Outside|Store)\b/g,
  /\bfunction #?(?:told|asked|checked|proven|answered|captured|refused|translated)\b/g,
  /^ {2}(?:async )?#(?:told|asked|checked|proven|answered|captured|refused|translated)\b/gm,
];

/** The texts of a folder's files, by name. */
type Folder = ReadonlyMap<string, string>;

function exportsOf(code: string): string[] {
  const declared = /^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm;
  return [...code.matchAll(declared)].map(([, name = '']) => name);
}

/** Everything in which a folder departs from the shape. */
function faultsOf(gateway: string, folder: Folder): string[] {
  return [
    ...filesAndExports(folder),
    ...configType(gateway, folder),
    ...api(folder),
    ...openings(folder),
    ...calls(folder),
    ...refunds(folder),
    ...readme(folder),
    ...names(folder),
  ];
}

function filesAndExports(folder: Folder): string[] {
  return Object.entries(shape).flatMap(([file, wanted]) => {
    const code = folder.get(file);
    if (code === undefined) return [`${file} is missing`];
    const given = exportsOf(code);
    const missing = wanted.filter((name) => !given.includes(name));
    return missing.map((name) => `${file} does not export ${name}`);
  });
}

/** `AnypayConfig` in anypay/config.ts: the vendor decides which letters are capitals. */
function configType(gateway: string, folder: Folder): string[] {
  const given = exportsOf(folder.get('config.ts') ?? '');
  const isThere = given.some((name) => name.toLowerCase() === `${gateway}config`);
  return isThere ? [] : ["config.ts does not export the gateway's Config"];
}

function api(folder: Folder): string[] {
  const code = folder.get('api.ts');
  if (code === undefined) return [];
  const isThere = exportsOf(code).some((name) => name === 'openApi' || name.endsWith('Api'));
  return isThere ? [] : ['api.ts exports neither openApi nor an Api'];
}

function openings(folder: Folder): string[] {
  return openers.flatMap(({ file, opener, deps }) => {
    const takes = new RegExp(`function ${opener}\\(\\s*deps: Partial<${deps}> = \\{\\},?\\s*\\)`);
    return takes.test(folder.get(file) ?? '')
      ? []
      : [`${file}: ${opener} does not take (deps: Partial<${deps}> = {})`];
  });
}

/** Each call is a function of the group and a method of the checkout, under one name. */
function calls(folder: Folder): string[] {
  const deployed = exportsOf(folder.get('index.ts') ?? '');
  const checkout = folder.get('checkout.ts') ?? '';
  return exportsOf(folder.get('calls.ts') ?? '').flatMap((call) => [
    ...(deployed.includes(call) ? [] : [`index.ts does not export ${call}`]),
    ...(new RegExp(`\\b${call}\\(`).test(checkout) ? [] : [`checkout.ts has no method ${call}`]),
  ]);
}

/** Money is given back through the API (`openRefunds`), or by hand (`refunds`): each has its functions. */
function refunds(folder: Folder): string[] {
  const given = exportsOf(folder.get('refund.ts') ?? '').join();
  const wanted = new Map([
    ['openRefunds', '{ previewRefund, refund }'],
    ['refunds', '{ previewRefund }'],
  ]).get(given);
  if (wanted === undefined) return ['refund.ts exports neither openRefunds nor refunds alone'];
  const isDeployed = folder.get('index.ts')?.includes(`export const ${wanted} = refunding(`);
  const isOpened = new RegExp(`\\b${given}\\b[,(]`).test(folder.get('gateway.ts') ?? '');
  return [
    ...(isDeployed === true ? [] : [`index.ts does not export ${wanted}`]),
    ...(isOpened ? [] : [`gateway.ts does not use ${given} of refund.ts`]),
  ];
}

function readme(folder: Folder): string[] {
  const given = [...(folder.get('README.md') ?? '').matchAll(/^## (.+)$/gm)].map(
    ([, text]) => text,
  );
  return given.join() === headings.join()
    ? []
    : [`README.md has the headings ${given.join(' · ')}`];
}

function names(folder: Folder): string[] {
  return [...folder].flatMap(([file, code]) =>
    wrongNames.flatMap((pattern) =>
      [...code.matchAll(pattern)].map(([found]) => `${file}: ${found.trim()}`),
    ),
  );
}

function read(gateway: string): Folder {
  const path = join(GATEWAYS, gateway);
  return new Map(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|md)$/.test(file))
      .map((file) => [file, readFileSync(join(path, file), 'utf8')]),
  );
}

const gateways = readdirSync(GATEWAYS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test('there are gateways to hold to the shape', () => {
  expect(gateways).toEqual(expect.arrayContaining(['anypay', 'googleplay', 'paypal', 'stripe']));
});

test.each(gateways)('%s has the shape', (gateway) => {
  expect(faultsOf(gateway, read(gateway))).toEqual([]);
});

describe('a fault is named', () => {
  /** A gateway without a fault, with one file changed. */
  function faultsWith(file: string, change: (text: string) => string | undefined): string[] {
    const folder = new Map(read('wayforpay'));
    const changed = change(folder.get(file) ?? '');
    if (changed === undefined) folder.delete(file);
    else folder.set(file, changed);
    return faultsOf('wayforpay', folder);
  }

  test.each([...Object.keys(shape), 'refund.ts', 'README.md'])('%s is missing', (file) => {
    expect(faultsWith(file, () => undefined).join('\n')).toContain(file);
  });

  const renames = Object.entries(shape).flatMap(([file, exported]) =>
    exported.map((name) => ({ file, name })),
  );
  test.each([...renames, { file: 'index.ts', name: 'createPayment' }])(
    '$file does not export $name',
    ({ file, name }) => {
      const faults = faultsWith(file, (text) => text.replace(name, `${name}OrSo`));
      expect(faultsWith(file, (text) => text)).toEqual([]);
      expect(faults).toContain(`${file} does not export ${name}`);
    },
  );

  test.each<[string, string, string | RegExp, string, string]>([
    ['another name of the configuration', 'config.ts', /WayforpayConfig/g, 'AppConfig', 'Config'],
    ['another name of the API', 'api.ts', 'class WayforpayApi', 'class Client', 'api.ts'],
    [
      'other arguments',
      'gateway.ts',
      'deps: Partial<GatewayDeps> = {}',
      'now: Date',
      'openGateway',
    ],
    ['another method', 'checkout.ts', /createPayment\(/g, 'create(', 'createPayment'],
    [
      'another way of refunds',
      'refund.ts',
      'openRefunds',
      'openGiving',
      'refund.ts exports neither',
    ],
    ['no function for refunds', 'index.ts', 'previewRefund, refund', 'previewRefund', 'index.ts'],
    [
      'refunds that are not opened',
      'gateway.ts',
      'openRefunds(',
      'openAll(',
      'gateway.ts does not',
    ],
    ['another heading', 'README.md', '## Limits', '## What it cannot tell', 'What it cannot tell'],
    ['a heading more', 'README.md', '## Limits', '## Variables\n\n## Limits', 'Variables'],
    ['a bag of another name', 'movements.ts', 'MovementsDeps', 'MovementParts', 'MovementParts'],
    ['a participle', 'signature.ts', 'function isGenuine', 'function checked', 'function checked'],
  ])('%s', (_, file, from, to, named) => {
    expect(faultsWith(file, (text) => text.replaceAll(from, to)).join('\n')).toContain(named);
  });
});
