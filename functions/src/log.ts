import { write, type LogSeverity } from 'firebase-functions/logger';
import { PaymentsError } from './errors';

/**
 * The fields that a log line may have. This is an allow-list, because a list of fields to hide would
 * miss some. No field holds a body, a header, a token or a secret.
 */
export interface LogFields {
  readonly gateway?: string;
  readonly function?: string;
  readonly event_id?: string;
  readonly event_type?: string;
  readonly payment_id?: string;
  readonly order_id?: string;
  readonly parked_id?: string;
  /** The gateway's id of what an event is about. */
  readonly about?: string;
  readonly outcome?: string;
  readonly reason?: string;
  /** What a person does first. */
  readonly next_step?: string;
  readonly status?: number;
  readonly error?: string;
  readonly error_name?: string;
  readonly rows?: number;
  readonly synced?: number;
  readonly failed?: number;
  readonly left?: number;
  readonly released?: number;
  readonly questions?: number;
  readonly pages?: number;
  readonly resolved?: number;
  readonly oldest_due_s?: number;
  readonly stopped_by?: string;
}

/** An alert without a next step helps little at night. */
type AlertFields = LogFields & { readonly next_step: string };

function line(severity: LogSeverity): (message: string, fields?: LogFields) => void {
  return (message, fields = {}) => {
    write({ severity, message, ...fields });
  };
}

/** The next step of `Misconfigured`, whose message names the setting. */
const PUT_RIGHT =
  'Put right what the message names. npm run doctor checks the settings; deploy after a change of one.';

const REPORT = 'The frames show the place. Report it, or put it right and deploy.';

export const log = {
  info: line('INFO'),
  warn: line('WARNING'),
  /** A person must look at it. Operators alert on this severity. */
  alert: line('ERROR') as (message: string, fields: AlertFields) => void,

  /**
   * Logs an error. Our own errors are logged with their message. Any other error is a bug or comes
   * from a library, and its message may quote its input: only its stack frames are logged.
   */
  failure(error: unknown, fields: LogFields = {}): void {
    if (error instanceof PaymentsError) {
      const told = { message: error.message, ...fields, error: error.name, ...causeOf(error) };
      if (error.status === 500) write({ severity: 'ERROR', next_step: PUT_RIGHT, ...told });
      else write({ severity: 'WARNING', ...told });
      return;
    }
    const known = error instanceof Error;
    write({
      severity: 'ERROR',
      message: 'unexpected error',
      next_step: REPORT,
      ...fields,
      error: known ? error.name : typeof error,
      frames: known ? framesOf(error) : [],
    });
  },
};

/** The codes of libraries (gRPC, Stripe, Node) are short constants. Any other value is left out. */
function causeOf(error: PaymentsError): { cause?: string } {
  const cause = error.cause;
  if (!(cause instanceof Error)) return {};
  const code = 'code' in cause ? cause.code : undefined;
  const known =
    typeof code === 'number' || (typeof code === 'string' && /^[\w/-]{1,64}$/.test(code));
  return { cause: known ? `${cause.name} ${String(code)}` : cause.name };
}

/** The lines of the stack after the message, which may look like one of them. */
function framesOf(error: Error): string[] {
  const stack = (error.stack ?? '').replace(error.message, '');
  const lines = stack.split('\n').map((text) => text.trim());
  return lines.filter((text) => text.startsWith('at ')).slice(0, 12);
}
