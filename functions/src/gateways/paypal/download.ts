import { Unauthentic, Unavailable } from '../../errors';

/** A certificate has about 2 KB, and a chain of them has less than this. */
const MAX_BYTES = 16_384;
const TIMEOUT_MS = 5_000;

/**
 * Downloads a small file. Redirects are not followed.
 * @throws Unavailable when there is no answer in time, or its status invites another try.
 * @throws Unauthentic when there is no such file, or it is too large.
 */
export async function download(url: string, fetchFunction: typeof fetch): Promise<Buffer> {
  const init = { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  try {
    const response = await fetchFunction(url, init);
    if (response.ok) return await contentOf(response);
    await response.body?.cancel();
    if (isTemporary(response.status))
      throw new Unavailable('No certificate could be downloaded now.');
    throw new Unauthentic('There is no such certificate.');
  } catch (error) {
    if (error instanceof Unauthentic || error instanceof Unavailable) throw error;
    throw new Unavailable('A certificate could not be downloaded.', { cause: error });
  }
}

async function contentOf(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Unauthentic('The certificate is too large to be one.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}
