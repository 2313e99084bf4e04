import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { StaffBook } from '../../functions/src/roles/staff-book.ts';
import type { staffRoles } from '../../functions/src/roles/role.ts';
import type { openAuth } from '../../functions/src/auth.ts';
import { columns } from '../reconcile/print.ts';
import { OpsFailure, OpsMistake } from './client.ts';

type Role = (typeof staffRoles)[number];
type Auth = Awaited<ReturnType<typeof openAuth>>;

const load = createRequire(import.meta.url);
const lib = (path: string) => load(resolve('functions/lib', path)) as object;

/** The staff, with the credentials of the project. */
export interface StaffDesk {
  readonly book: StaffBook;
  readonly auth: Auth;
  readonly roles: readonly Role[];
}

/** Opens the books of the project that the environment names. */
export async function openStaffDesk(): Promise<StaffDesk> {
  const { openStaffBook } = lib('roles/staff-book.js') as { openStaffBook: () => StaffBook };
  const { staffRoles: roles } = lib('roles/role.js') as { staffRoles: readonly Role[] };
  const auth = lib('auth.js') as { openAuth: typeof openAuth };
  return { book: openStaffBook(), auth: await auth.openAuth(), roles };
}

/** `staff add|remove|list`. @returns the text. @throws OpsFailure with the next step. */
export async function staffCommand(words: readonly string[], desk: StaffDesk): Promise<string> {
  const [what, email, role] = words;
  if (what === 'list' && email === undefined) return list(desk);
  if (what === 'add' && email !== undefined && role !== undefined) return add(desk, email, role);
  if (what === 'remove' && email !== undefined && role === undefined) return remove(desk, email);
  throw new OpsMistake(
    `staff add <email> <${desk.roles.join('|')}>, staff remove <email>, or staff list`,
  );
}

async function add(desk: StaffDesk, email: string, given: string): Promise<string> {
  const role = desk.roles.find((one) => one === given);
  if (role === undefined) {
    throw new OpsMistake(`There is no role ${given}. There are ${desk.roles.join(', ')}.`);
  }
  const user = await find(desk, email);
  if (!user.emailVerified) throw await unproven(desk, email);
  // The document comes last: only with it the member may do anything.
  await desk.auth.setCustomUserClaims(user.uid, { ...user.customClaims, staff: role });
  await desk.book.put(user.uid, role, new Date());
  return `${email} is ${role}. A sign-in from now on carries the role.`;
}

/**
 * Any user of the app may have made the account, and know its password. A new password ends that and
 * verifies the address; a link that only verified it would let the stranger in.
 */
async function unproven({ auth }: StaffDesk, email: string): Promise<OpsFailure> {
  const link = await auth.generatePasswordResetLink(email);
  return new OpsFailure(
    `The address ${email} is not verified, so the account may be a stranger's. Have the owner of the address open this and set a password, then repeat this: ${link}`,
  );
}

async function remove(desk: StaffDesk, email: string): Promise<string> {
  // The list names a member by the uid where the account is gone.
  const gone = (await desk.book.list()).find((member) => member.uid === email);
  if (gone !== undefined) {
    await desk.book.remove(gone.uid);
    return `${email} is not on the staff any more.`;
  }
  const { uid, customClaims } = await find(desk, email);
  await desk.book.remove(uid);
  const { staff, ...rest } = customClaims ?? {};
  if (staff !== undefined) await desk.auth.setCustomUserClaims(uid, rest);
  return `${email} is not on the staff any more.`;
}

async function list({ book, auth }: StaffDesk): Promise<string> {
  const members = await book.list();
  if (members.length === 0) return 'There is no staff yet: npm run ops -- staff add <email> admin';
  const { users } = await auth.getUsers(members.slice(0, 100).map(({ uid }) => ({ uid })));
  const rows = members.map(({ uid, role, addedAt }) => {
    const user = users.find((one) => one.uid === uid);
    const claim: unknown = user?.customClaims?.['staff'];
    const fault = user === undefined ? 'the account is gone' : 'add it again: the claim differs';
    return [
      user?.email ?? uid,
      role,
      addedAt.toISOString().slice(0, 10),
      claim === role ? '' : fault,
    ];
  });
  return columns([['Member', 'Role', 'Since', ''], ...rows]);
}

async function find({ auth }: StaffDesk, email: string) {
  try {
    return await auth.getUserByEmail(email);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code !== 'auth/user-not-found' && code !== 'auth/invalid-email') throw error;
    throw new OpsFailure(
      `No account has the address ${email}: add it in the Firebase console (Authentication, Add user), then repeat this.`,
    );
  }
}
