import type { z } from 'zod';
import { Forbidden, NotFound, PaymentsError } from '../errors';
import { log } from '../log';
import { once } from '../once';
import type { End } from '../roles/audit-book';
import { includesRole, staffRole, type StaffRole } from '../roles/role';
import type { CallContract, Reply } from './call';
import { authenticateStaff, type SignedIn } from './caller';
import { guard, openCallRate, openFields, parse } from './endpoint';
import type { FrameworkRequest, PublishedHandler } from './on-request';
import { respondJson } from './respond';

const staffBook = once(async () => (await import('../roles/staff-book')).openStaffBook());
const auditBook = once(async () => (await import('../roles/audit-book')).openAuditBook());

/**
 * A call of the staff that reads. One that does something is an act. A question that may name a person
 * is a POST: the platform's log keeps the address of every request, with its query.
 */
type ReadContract = CallContract & {
  readonly staffRole: StaffRole;
  readonly method: 'GET' | 'POST';
};
type ActContract = CallContract & { readonly staffRole: StaffRole; readonly method: 'POST' };

/** Thrown to a signed-in user who is no member. It does not say which of the two is missing. */
const NO_MEMBER =
  'You are not on the staff here, or were added after you signed in: sign in again, or have an admin run npm run ops -- staff add.';

/**
 * Checks who calls: a valid token of a proven e-mail address, a role in `tn_staff` and in the claim
 * `staff`, and that the role suffices. The document says which role it is. App Check is not asked for:
 * a command line has no token of it.
 * @throws Unauthentic, Forbidden, TooManyRequests, Unavailable.
 */
async function admit(
  request: FrameworkRequest,
  needed: StaffRole,
): Promise<SignedIn & { readonly role: StaffRole }> {
  const caller = await authenticateStaff(request.headers.authorization);
  (await openCallRate()).count(caller.uid);
  const role = await (await staffBook()).roleOf(caller.uid);
  if (role === undefined || !staffRole.safeParse(caller.staffClaim).success) {
    throw new Forbidden(NO_MEMBER);
  }
  if (!includesRole(role, needed)) {
    throw new Forbidden(`Your role is ${role}; this needs ${needed}. Ask an admin for it.`);
  }
  return { ...caller, role };
}

/** Makes the handler of a call by which the staff reads. */
export function staffEndpoint<Contract extends ReadContract>(
  name: string,
  contract: Contract,
  read: (input: z.output<Contract['input']>, role: StaffRole) => Promise<Reply<Contract>>,
): PublishedHandler {
  const handler = guard(name, contract, async (request, response) => {
    const received = openFields(request, contract);
    const { role } = await admit(request, contract.staffRole);
    const input = parse<Contract['input']>(received(), contract.input);
    respondJson(response, 200, await read(input, role));
  });
  return Object.assign(handler, {
    published: { kind: 'call', contract, isPublic: false } as const,
  });
}

/** An act, and how it is told in its line of `tn_audit`. */
export interface StaffAct<Contract extends ActContract> {
  /** The act in a few words. */
  readonly act: string;
  /** On what: an order id, a payment id, the id of a parked event, or `all`. Never a uid. */
  readonly targetOf: (input: z.output<Contract['input']>) => string;
  readonly reasonOf: (input: z.output<Contract['input']>) => string | undefined;
  /** @param line the id of the line. @param member who acts. */
  readonly run: (
    input: z.output<Contract['input']>,
    line: string,
    member: SignedIn & { readonly role: StaffRole },
  ) => Promise<Reply<Contract>>;
  readonly outcomeOf: (reply: Reply<Contract>) => string;
}

/**
 * Makes the handler of a call by which the staff does something. Its line in `tn_audit` is written
 * before the act, and completed after it; without the line there is no act.
 */
export function staffActEndpoint<Contract extends ActContract>(
  name: string,
  contract: Contract,
  { act, targetOf, reasonOf, run, outcomeOf }: StaffAct<Contract>,
): PublishedHandler {
  const handler = guard(name, contract, async (request, response) => {
    const received = openFields(request, contract);
    const member = await admit(request, contract.staffRole);
    const input = parse<Contract['input']>(received(), contract.input);
    const about = { act, target: targetOf(input), reason: reasonOf(input) ?? null };
    const who = { staffUid: member.uid, staffEmail: member.email };
    const line = await (await auditBook()).begin({ ...who, ...about, at: new Date() });
    let reply: Reply<Contract>;
    try {
      reply = await run(input, line, member);
    } catch (error) {
      const isStrange = error instanceof NotFound;
      await end(name, line, { state: 'failed', outcome: wordsOf(error), isStrange });
      throw error;
    }
    await end(name, line, { state: 'done', outcome: outcomeOf(reply) });
    respondJson(response, 200, reply);
  });
  return Object.assign(handler, {
    published: { kind: 'call', contract, isPublic: false } as const,
  });
}

/** A line that cannot be completed says `begun`; the act stands. */
async function end(name: string, line: string, how: End): Promise<void> {
  try {
    await (await auditBook()).end(line, how, new Date());
  } catch (error) {
    log.failure(error, { function: name });
  }
}

/** Our own messages hold no value from outside. */
function wordsOf(error: unknown): string {
  return error instanceof PaymentsError ? error.message : 'an unexpected error: see the log';
}
