import type { CollectionReference } from '../../functions/node_modules/firebase-admin/lib/firestore/index.js';

/** Deletes every document of a collection. */
export async function emptyCollection(collection: CollectionReference): Promise<void> {
  const writer = collection.firestore.bulkWriter({ throttling: false });
  for (const document of await collection.listDocuments()) void writer.delete(document);
  await writer.close();
}
