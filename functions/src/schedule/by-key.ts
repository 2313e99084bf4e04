/**
 * Runs a task for every item, at most `concurrency` at a time and never two with the same key at
 * once: keyed by uid, only one call at a time changes a customer's balance.
 * @param task must not throw.
 */
export async function forEachByKey<Item>(
  items: readonly Item[],
  { key, concurrency }: { readonly key: (item: Item) => string; readonly concurrency: number },
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const groups = Map.groupBy(items, key).values();
  const worker = async () => {
    for (const group of groups) {
      for (const item of group) await task(item);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
