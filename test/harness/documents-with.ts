import type { CollectionReference, QueryDocumentSnapshot } from 'firebase-admin/firestore';

/** Documents found by a field that has no index, as the functions never ask for it: all are read. */
export async function documentsWith(
  collection: CollectionReference,
  field: string,
  ...values: readonly unknown[]
): Promise<QueryDocumentSnapshot[]> {
  const { docs } = await collection.get();
  return docs.filter((one) => values.includes(one.get(field)));
}
