/** Whether the suite's Firestore is the embedded one, which tests can count and make fail. */
export const isEmbedded = process.env['EMBEDDED_FIRESTORE'] === 'true';

/** A test that asks for what the embedded Firestore alone can do. */
export const onEmbedded = isEmbedded ? test : test.skip;
