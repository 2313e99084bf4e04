import { includesRole, staffRoles } from '../../../functions/src/roles/role.ts';

test('each role has the rights of those before it, and of no other', () => {
  const table = staffRoles.map((role) => [
    role,
    staffRoles.filter((needed) => includesRole(role, needed)),
  ]);
  expect(table).toEqual([
    ['viewer', ['viewer']],
    ['support', ['viewer', 'support']],
    ['finance', ['viewer', 'support', 'finance']],
    ['operator', ['viewer', 'support', 'finance', 'operator']],
    ['admin', ['viewer', 'support', 'finance', 'operator', 'admin']],
  ]);
});
