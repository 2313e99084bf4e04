import { Timestamp } from 'firebase-admin/firestore';
import { z } from 'zod';

/** A Firestore timestamp, read as a date. */
export const storedDate = z.instanceof(Timestamp).transform((timestamp) => timestamp.toDate());
