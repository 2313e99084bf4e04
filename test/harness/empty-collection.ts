/** What is emptied, of any Firestore client. */
interface Emptied {
  get(): Promise<{ readonly docs: readonly { readonly ref: { delete(): Promise<unknown> } }[] }>;
}

/** Deletes every document of a collection. */
export async function emptyCollection(collection: Emptied): Promise<void> {
  const { docs } = await collection.get();
  await Promise.all(docs.map(({ ref }) => ref.delete()));
}
