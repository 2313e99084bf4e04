import { randomUUID } from 'node:crypto';
import type { User } from '../../../scripts/stack/client.ts';
import { staffRoles } from '../../../functions/src/roles/role.ts';
import { Office } from './office.ts';

jest.setTimeout(120_000);

let office: Office;
let user: User;

beforeAll(async () => {
  office = await Office.open();
});

afterAll(() => office.close());

beforeEach(async () => {
  user = await office.app.stack.signIn();
});

describe('who may', () => {
  const reads: [string, Record<string, string>, number][] = [
    ['staff-getStory', { id: 'nothing' }, 404],
    ['staff-listParked', {}, 200],
    ['staff-listRefused', {}, 200],
  ];
  const acts: [string, object, number][] = [
    ['staff-retryParked', { parked_id: 'nothing' }, 404],
    ['staff-resolveParked', { parked_id: 'nothing', reason: 'settled' }, 404],
    ['staff-retryRefused', { payment_id: 'nothing' }, 404],
    ['stripe-recheck', { id: 'nothing' }, 404],
  ];
  const statuses = async (caller?: User) => {
    const all: number[] = [];
    const found = await office.app.call('staff-find', { q: 'nothing' }, caller);
    all.push(found.status);
    for (const [name, query] of reads) all.push((await office.app.ask(name, query, caller)).status);
    for (const [name, body] of acts) all.push((await office.app.call(name, body, caller)).status);
    return all;
  };
  const done = [200, ...[...reads, ...acts].map(([, , status]) => status)];
  const all = (status: number) => done.map(() => status);

  test.each(staffRoles.filter((role) => role !== 'viewer'))('%s reads and acts', async (role) => {
    expect(await statuses(await office.app.stack.signInAsStaff(role))).toEqual(done);
  });

  test('a viewer reads, and every act is refused with the role that it needs', async () => {
    const viewer = await office.app.stack.signInAsStaff('viewer');
    const refused = acts.map(() => 403);
    expect(await statuses(viewer)).toEqual([...done.slice(0, -acts.length), ...refused]);
    const target = `viewer-${randomUUID()}`;
    expect(await office.act('staff-retryParked', { parked_id: target }, viewer)).toMatchObject({
      status: 403,
      body: {
        errorName: 'ForbiddenException',
        errorMessage: 'Your role is viewer; this needs support. Ask an admin for it.',
      },
    });
    expect(await office.audit(target)).toEqual([]);
  });

  test('a claim without a document is refused, and a document without a claim', async () => {
    const claim = await office.app.stack.signInWithClaim('admin');
    expect(await statuses(claim)).toEqual(all(403));
    const bare = await office.app.stack.signInWithClaim(undefined);
    await office.document(`tn_staff/${bare.uid}`).set({ role: 'admin' });
    expect(await statuses(bare)).toEqual(all(403));
    const odd = await office.app.stack.signInWithClaim('owner');
    await office.document(`tn_staff/${odd.uid}`).set({ role: 'admin' });
    expect(await statuses(odd)).toEqual(all(403));
    const { body } = await office.act('staff-find', { q: 'nothing' }, odd);
    expect(body['errorMessage']).toContain('npm run ops -- staff add');
  });

  test('the document says the role, at once, whatever the token still says', async () => {
    const admin = await office.app.stack.signInAsStaff('admin');
    await office.document(`tn_staff/${admin.uid}`).update({ role: 'viewer' });
    expect((await office.act('staff-retryParked', { parked_id: 'all' }, admin)).status).toBe(403);
    await office.document(`tn_staff/${admin.uid}`).delete();
    expect(await statuses(admin)).toEqual(all(403));
    await office.document(`tn_staff/${admin.uid}`).set({ role: 'owner' });
    expect(await statuses(admin)).toEqual(all(403));
  });

  test('an anonymous user, one of an unproven address, and no user at all', async () => {
    const [, body] = [
      await statuses(user),
      (await office.act('staff-find', { q: 'abc' }, user)).body,
    ];
    expect(body['errorName']).toBe('AnonymousUserException');
    const unproven = await office.app.stack.signInWithPassword();
    await office.document(`tn_staff/${unproven.uid}`).set({ role: 'admin' });
    expect((await office.act('staff-find', { q: 'abc' }, unproven)).body['errorName']).toBe(
      'EmailNotVerifiedException',
    );
    expect(await statuses()).toEqual(all(401));
  });
});
