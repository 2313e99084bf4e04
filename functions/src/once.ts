/**
 * Opens something on its first use and keeps it. A failed opening is not remembered, so that what
 * was fixed in the meantime works on the next call.
 */
export function once<T>(open: () => T | Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= Promise.resolve()
      .then(open)
      .catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
    return opened;
  };
}
