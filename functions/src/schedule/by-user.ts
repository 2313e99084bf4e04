/**
 * Runs a task for every item, at most `concurrency` at a time and never two of one user at once, so
 * that one call at a time changes a customer's balance. Tasks must not throw.
 */
export async function forEachByUser<Item extends { readonly uid: string }>(
  items: readonly Item[],
  concurrency: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const users = Map.groupBy(items, (item) => item.uid).values();
  const worker = async () => {
    for (const ofOneUser of users) {
      for (const item of ofOneUser) await task(item);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
