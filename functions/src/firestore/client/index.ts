export { DocumentReference, DocumentSnapshot, QueryDocumentSnapshot } from './documents';
export { codes, FirestoreError } from './errors';
export { Firestore, WriteBatch } from './firestore';
export { Query } from './query';
export { Timestamp } from './timestamp';
export type { DocumentData } from './values';
export { FieldValue } from './writes';
