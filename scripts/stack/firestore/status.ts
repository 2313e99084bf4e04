import { status } from '@grpc/grpc-js';

/** An error that reaches the client with the given gRPC status. */
export function statusError(code: status, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** What to answer a failed call with: the error's own status, or INTERNAL if it has none. */
export function toStatus(error: unknown): { code: status; details: string } {
  const { code, message } = error as { code?: status; message?: string };
  return {
    code: code !== undefined && code in status ? code : status.INTERNAL,
    // The engine puts the status in front of the message; so does the client that receives it.
    details: (message ?? String(error)).replace(/^\d+ [A-Z_]+: /, ''),
  };
}
