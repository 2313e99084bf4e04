import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { gateways } from '../../../scripts/stack/gateways/index.ts';
import { ports } from '../../../scripts/stack/values.ts';
import { listen } from '../../standins/http.ts';

const STANDINS = 'test/standins';
const page = readFileSync(`${STANDINS}/README.md`, 'utf8');

test('the page lists every stand-in with its port on the stack', () => {
  const rows = [...page.matchAll(/^\| (\d{4}) \| `([\w-]+)\/` \|/gm)];
  const listed = rows.map(([, port, folder]) => ({ folder, port: Number(port) }));
  expect(listed).toEqual(
    [
      { folder: 'retail-api', port: ports.retail },
      { folder: 'google', port: ports.google },
      ...gateways.map(({ name, port }) => ({ folder: name, port })),
    ].toSorted((one, other) => one.port - other.port),
  );
  const folders = readdirSync(STANDINS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`${STANDINS}/${entry.name}/server.ts`))
    .map(({ name }) => name);
  // One that is not on the stack has no port.
  const names = [...page.matchAll(/^\| (?:\d{4}|–) \| `([\w-]+)\/` \|/gm)].map(([, name]) => name);
  expect(folders.filter((folder) => !names.includes(folder))).toEqual([]);
});

/** The commands of the page, each with the output that the page shows for it. */
const commands = [...page.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```)?/gms)].map(
  ([, command = '', output]) => ({ command, output }),
);

// Node and npm are all that the project needs; the page needs a shell.
const hasShell = spawnSync('bash', ['-c', 'curl --version | grep curl']).status === 0;

(hasShell ? describe : describe.skip)('the commands of the page', () => {
  let server: ChildProcess;
  /** One that is free: a stack may run on the usual ones. */
  let port: string;

  beforeAll(async () => {
    const free = await listen(() => ({ status: 404 }));
    port = String(free.port);
    await free.stop();
    const [start] = commands;
    server = spawn('bash', ['-c', `exec ${onFreePort(start?.command ?? '')}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!server.stdout) throw new Error('no output to wait for');
    const [line] = (await once(createInterface(server.stdout), 'line')) as string[];
    expect(line).toBe(`Stripe at http://127.0.0.1:${port}`);
  });

  afterAll(async () => {
    server.kill();
    await once(server, 'exit');
  });

  function onFreePort(command: string): string {
    return command.replaceAll('9201', port);
  }

  // In their order: each builds on the one before.
  test.each(commands.slice(1))('$command', async ({ command, output }) => {
    expect(output).toBeDefined();
    const { stdout } = await promisify(execFile)('bash', ['-euc', onFreePort(command)]);
    expect(stdout.trimEnd()).toBe(output?.trimEnd());
  });

  test('are all of them', () => {
    expect(commands).toHaveLength(5);
  });
});
