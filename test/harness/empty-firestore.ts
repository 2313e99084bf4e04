import { origin, ports, PROJECT } from '../../scripts/stack/values.ts';
import type { FirestoreControl } from '../../scripts/stack/stack.ts';
import { remote } from '../standins/control.ts';
import { isEmbedded } from './embedded.ts';

/** Removes every document of the suite's Firestore. */
export async function emptyFirestore(): Promise<void> {
  if (isEmbedded) {
    await remote<FirestoreControl>(origin(ports.firestoreControl)).clear();
    return;
  }
  const host = process.env['FIRESTORE_EMULATOR_HOST'] ?? '';
  const documents = `emulator/v1/projects/${PROJECT}/databases/(default)/documents`;
  const { ok, status } = await fetch(`http://${host}/${documents}`, { method: 'DELETE' });
  if (!ok) throw new Error(`Firestore answered ${status}`);
}
