import type { Send } from '../../functions/src/send.ts';

/** Answers every request without a network. */
export function answeringWith(
  answer: (url: string, signal: AbortSignal) => Response | Promise<Response>,
): Send {
  return async ({ href }, { signal }) => {
    const { status, headers, body } = await answer(href, signal);
    return { status, headers: Object.fromEntries(headers), body: body ?? nothing() };
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A body without a byte.
}
