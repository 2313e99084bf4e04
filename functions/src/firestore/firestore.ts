import { getApps, initializeApp, type App } from 'firebase-admin/app';
import { getFirestore, type Firestore } from 'firebase-admin/firestore';
import { FIRESTORE_DEADLINE_MS } from '../config/settings';
import { Misconfigured, Unavailable } from '../errors';

/** gRPC status codes the code tells apart (google.rpc.Code). */
export const grpc = { invalidArgument: 3, notFound: 5, alreadyExists: 6, failedPrecondition: 9 };

export function openApp(): App {
  return getApps()[0] ?? initializeApp();
}

/** @throws Misconfigured where the platform does not say which project this is. */
export function projectId(): string {
  const { projectId: id } = openApp().options;
  if (id === undefined) throw new Misconfigured('Configuration: FIREBASE_CONFIG names no project');
  return id;
}

export function openFirestore(): Firestore {
  return getFirestore(openApp());
}

/** The gRPC status code of an error of the Firestore SDK. */
export function grpcCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/**
 * Waits for Firestore, but not for ever: left alone the SDK tries for minutes. A call given up may
 * still be applied later, which is why every write is one that can be repeated.
 * @throws Unavailable when there is no answer in time or Firestore cannot answer.
 */
export async function answered<T>(
  call: Promise<T>,
  deadlineMs: number = FIRESTORE_DEADLINE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Unavailable(`Firestore did not answer within ${deadlineMs} ms.`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([call, deadline]);
  } catch (error) {
    const code = grpcCode(error);
    if (code === undefined || telling.has(code)) throw error;
    throw new Unavailable('Firestore could not answer.', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Codes that say something about the data; every other one is a fault of the connection. */
const telling = new Set(Object.values(grpc));
