import { z } from 'zod';

/**
 * The roles of the staff, each with the rights of those before it. `viewer` reads; `support` also asks a
 * gateway again, retries and resolves.
 */
export const staffRoles = ['viewer', 'support', 'finance', 'operator', 'admin'] as const;
export type StaffRole = (typeof staffRoles)[number];

export const staffRole = z.enum(staffRoles);

/** Whether a role has the rights of another one. */
export function includesRole(role: StaffRole, needed: StaffRole): boolean {
  return staffRoles.indexOf(role) >= staffRoles.indexOf(needed);
}
