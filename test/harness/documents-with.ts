/** A collection, of any Firestore client. */
interface Searched<Found> {
  get(): Promise<{ readonly docs: readonly Found[] }>;
}

/** Documents found by a field that has no index, as the functions never ask for it: all are read. */
export async function documentsWith<Found extends { get(field: string): unknown }>(
  collection: Searched<Found>,
  field: string,
  ...values: readonly unknown[]
): Promise<Found[]> {
  const { docs } = await collection.get();
  return docs.filter((one) => values.includes(one.get(field)));
}
