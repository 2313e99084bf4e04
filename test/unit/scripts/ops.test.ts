import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { bodyOf, openClient, OpsFailure } from '../../../scripts/ops/client.ts';
import { readCommand, run, type Command } from '../../../scripts/ops/commands.ts';
import { signIn } from '../../../scripts/ops/sign-in.ts';
import { staffCommand, type StaffDesk } from '../../../scripts/ops/staff.ts';
import { staffRoles } from '../../../functions/src/roles/role.ts';

describe('a command line', () => {
  test.each<[string[], Partial<Command>]>([
    [['find', '12.50', '2026-11-29'], { name: 'find', words: ['12.50', '2026-11-29'] }],
    [['story', 'a'], { name: 'story', words: ['a'] }],
    [['parked', '--gateway', 'stripe'], { given: { gateway: 'stripe' } }],
    [['refused', '--retry', 'all'], { given: { retry: 'all' } }],
  ])('%j is read', (argv, expected) => {
    expect(readCommand(argv)).toMatchObject(expected);
  });

  test.each<[string[], string]>([
    [[], 'No command.'],
    [['refill'], 'There is no command refill.'],
    [['constructor'], 'There is no command constructor.'],
    [['toString'], 'There is no command toString.'],
    [['find'], 'find needs more: see below.'],
    [['story', 'a', 'b'], 'story takes no b.'],
    [['parked', 'all'], 'parked takes no all.'],
    [['refused', '--gateway', 'stripe'], 'refused takes no --gateway.'],
    [['parked', '--retry', 'a', '--resolve', 'b'], 'Either --retry or --resolve.'],
    [['parked', '--resolve', 'b'], '--resolve needs a --reason.'],
  ])('%j is not: %s', (argv, words) => {
    expect(readCommand(argv)).toBe(words);
  });

  test.each([
    ['parked', '--retry'],
    ['find', 'a', '--odd'],
  ])('%j is not', (...argv) => {
    expect(typeof readCommand(argv)).toBe('string');
  });
});

describe('an answer that is not good names the next step', () => {
  const error = (errorMessage: string) => ({ errorName: 'X', errorMessage });

  test.each<[number, unknown, RegExp]>([
    [400, error('Missing or malformed: q.'), /malformed: q\..*help/],
    [401, error('Sign in first.'), /OPS_EMAIL.*FIREBASE_API_KEY/],
    [403, error('Your role is viewer; ask.'), /^Your role is viewer; ask\.$/],
    [404, error('There is no such thing.'), /npm run ops -- find/],
    [404, undefined, /staff-find does not answer.*deploy.*FUNCTIONS_REGION/],
    [409, error('It is resolved already.'), /resolved already.*story/],
    [429, error('Too many.'), /Wait a minute/],
    [500, error('Something went wrong.'), /log of staff-find.*npm run doctor/],
    [503, error('Try again later.'), /Repeat it in a minute/],
  ])('%d %j', (status, body, words) => {
    expect(() => bodyOf('staff-find', { status, body })).toThrow(words);
    expect(() => bodyOf('staff-find', { status, body })).toThrow(OpsFailure);
  });
});

describe('over HTTP', () => {
  let server: Server;
  let base: string;
  let reply: { status: number; text: string };
  let seen: { url: string; body: string; authorization: string | undefined };

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url = '', headers } = request;
        const body = Buffer.concat(chunks).toString();
        seen = { url, body, authorization: headers.authorization };
        response.writeHead(reply.status).end(reply.text);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
  });

  test('a call carries the token, and an answer without JSON has no body', async () => {
    const client = openClient(base, 'secret', 'it is down');
    reply = { status: 200, text: '{"a":1}' };
    expect(await client.read('staff-getStory', { id: 'a b' })).toEqual({
      status: 200,
      body: { a: 1 },
    });
    expect(seen).toMatchObject({ url: '/staff-getStory?id=a+b', authorization: 'Bearer secret' });
    reply = { status: 404, text: '<html>' };
    expect(await client.act('staff-find', { id: 'a' })).toEqual({ status: 404, body: undefined });
    expect(seen.body).toBe('{"id":"a"}');
    const gone = openClient('http://127.0.0.1:9', 'secret', 'it is down');
    await expect(gone.read('staff-find', {})).rejects.toThrow('it is down');
  });

  test('what is looked for, which may be an e-mail address, is in no address of a request', async () => {
    const text = { as: 'email', uid: null, orders: [], rows: [], parked: [], is_more: false };
    reply = { status: 200, text: JSON.stringify(text) };
    const client = openClient(base, 'secret', 'it is down');
    await run(readCommand(['find', 'ann@example.com']) as Command, client);
    expect(seen).toMatchObject({ url: '/staff-find', body: '{"q":"ann@example.com"}' });
  });

  const person = { email: 'ann@example.com', password: 'pass word' };

  test('a sign-in gives the token', async () => {
    reply = { status: 200, text: '{"idToken":"token"}' };
    expect(await signIn(person, 'k&y', base)).toBe('token');
    expect(seen.url).toBe('/v1/accounts:signInWithPassword?key=k%26y');
    expect(JSON.parse(seen.body)).toEqual({ ...person, returnSecureToken: true });
  });

  test.each([
    ['INVALID_LOGIN_CREDENTIALS', /OPS_EMAIL and OPS_PASSWORD/],
    ['API key not valid. Please pass a valid API key.', /FIREBASE_API_KEY/],
    ['USER_DISABLED', /enable it/],
    ['PASSWORD_LOGIN_DISABLED', /Sign-in method/],
    ['TOO_MANY_ATTEMPTS_TRY_LATER : wait', /wait some minutes/],
    ['SOMETHING', /Repeat it/],
  ])('a sign-in that is refused with %s names the next step', async (message, words) => {
    reply = { status: 400, text: JSON.stringify({ error: { message } }) };
    await expect(signIn(person, 'key', base)).rejects.toThrow(words);
  });

  test('a second factor is told', async () => {
    reply = { status: 200, text: '{"mfaPendingCredential":"x"}' };
    await expect(signIn(person, 'key', base)).rejects.toThrow('second factor');
  });
});

describe('the staff', () => {
  const claims: Record<string, object> = {};
  const members = new Map<string, { role: string; addedAt: Date }>();
  const users = {
    'ann@example.com': { uid: 'ann', emailVerified: true, customClaims: { reg_country: 'DE' } },
    'bob@example.com': { uid: 'bob', emailVerified: false, customClaims: undefined },
  };
  const desk = {
    roles: staffRoles,
    auth: {
      getUserByEmail: async (email: keyof typeof users) => {
        const user = users[email] as object | undefined;
        if (user !== undefined) return user;
        throw Object.assign(new Error('none'), { code: 'auth/user-not-found' });
      },
      setCustomUserClaims: async (uid: string, given: object) => {
        claims[uid] = given;
      },
      getUsers: async () => ({
        users: [{ uid: 'ann', email: 'ann@example.com', customClaims: claims['ann'] }],
      }),
      generatePasswordResetLink: async () => 'https://reset.example.com',
    },
    book: {
      put: async (uid: string, role: string, addedAt: Date) => {
        members.set(uid, { role, addedAt });
      },
      remove: async (uid: string) => {
        members.delete(uid);
      },
      list: async () => [...members].map(([uid, one]) => ({ uid, ...one })),
    },
  } as unknown as StaffDesk;
  const staff = (...words: string[]) => staffCommand(words, desk);

  test('a member is added with document and claim, and other claims stay', async () => {
    expect(await staff('add', 'ann@example.com', 'admin')).toBe(
      'ann@example.com is admin. A sign-in from now on carries the role.',
    );
    expect(claims['ann']).toEqual({ reg_country: 'DE', staff: 'admin' });
    expect(members.get('ann')).toMatchObject({ role: 'admin' });
    expect(await staff('list')).toMatch(/^Member +Role +Since\nann@example\.com +admin +\d{4}-/);
  });

  test('an account of an unverified address, which a stranger may have made, gets no role', async () => {
    const added = staff('add', 'bob@example.com', 'viewer');
    await expect(added).rejects.toThrow(/stranger.*set a password.*https:\/\/reset\.example\.com/);
    expect([claims['bob'], members.has('bob')]).toEqual([undefined, false]);
  });

  test('a member whose account is gone, or whose claim differs, is told', async () => {
    members.set('bob', { role: 'viewer', addedAt: new Date() });
    expect(await staff('list')).toMatch(/^bob +viewer .*the account is gone$/m);
    claims['ann'] = {};
    expect(await staff('list')).toMatch(/^ann@example.com .*add it again: the claim differs$/m);
  });

  test('a member whose account is gone is removed by the uid that the list has', async () => {
    members.set('gone', { role: 'admin', addedAt: new Date() });
    expect(await staff('remove', 'gone')).toBe('gone is not on the staff any more.');
    expect(members.has('gone')).toBe(false);
  });

  test('a member is removed', async () => {
    users['ann@example.com'].customClaims = { reg_country: 'DE', staff: 'admin' } as never;
    await staff('remove', 'ann@example.com');
    await staff('remove', 'bob@example.com');
    expect([claims['ann'], members.size]).toEqual([{ reg_country: 'DE' }, 0]);
    expect(await staff('list')).toContain('npm run ops -- staff add');
  });

  test.each([
    [['add', 'ann@example.com', 'owner'], /There is no role owner\. There are viewer/],
    [['add', 'eve@example.com', 'admin'], /No account has the address.*Add user/],
    [['add', 'ann@example.com'], /staff add <email>/],
    [['odd'], /staff list/],
  ])('%j names the next step', async (words, text) => {
    await expect(staff(...words)).rejects.toThrow(text);
  });
});

test('a payment that has neither order nor row cannot be asked about, and the next step is named', async () => {
  const story = { gateway: 'till', order_id: null, payment_id: null };
  const client = {
    read: async () => ({ status: 200, body: story }),
    act: async () => ({ status: 500, body: {} }),
  };
  const command = readCommand(['recheck', 'x']) as Command;
  await expect(run(command, client)).rejects.toThrow('npm run ops -- parked --retry');
});
