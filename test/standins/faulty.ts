import { sends, takesEffect, type ApiFaults } from './faults.ts';
import type { Handler } from './http.ts';

/** `next`, but for the requests that meet a fault. */
export function faulty(faults: ApiFaults, next: Handler): Handler {
  return async (call) => {
    const planned = faults.meet(call.method, call.path);
    if (!planned) return next(call);
    faults.use(planned);
    const { fault } = planned;
    const { status, code = 'ordered' } = fault;
    const reply = takesEffect(fault) ? await next(call) : { status: 500 };
    const instead = status === undefined ? {} : { status, body: { error: code } };
    return { ...reply, ...instead, sends: sends(fault) };
  };
}
