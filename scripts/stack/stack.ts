import { serveControl } from '../../test/standins/control.ts';
import { startGoogle } from '../../test/standins/google/server.ts';
import { startRetailApi } from '../../test/standins/retail-api.ts';
import { EMULATOR_LOG, startEmulators } from './emulators.ts';
import { startEmbeddedFirestore, type FirestoreServer } from './firestore/embedded.ts';
import { gateways } from './gateways/index.ts';
import { assertPortFree } from './ports.ts';
import { bypassProxies } from './proxies.ts';
import { origin, ports, PROJECT, valueOf, type Values } from './values.ts';
import { openWebClient } from './web-client.ts';

/** A running part of the stack. */
interface Part {
  readonly name: string;
  readonly address: string;
  stop(): Promise<void>;
}

export interface Stack {
  /** What runs, in the order it was started. */
  readonly parts: readonly Part[];
  readonly firestoreHost: string;
  /** Resolves when every process has ended and every port is free. */
  stop(): Promise<void>;
}

/** What the embedded Firestore lets a test arrange and see. */
export type FirestoreControl = Pick<
  FirestoreServer,
  'rpcs' | 'resetRpcs' | 'clear' | 'hang' | 'refuse'
>;

export interface StackOptions {
  readonly values: Values;
  /** Of a Firestore that runs already; the stack then starts none. */
  readonly firestoreHost: string | undefined;
  /** Told as each part comes up. */
  readonly report: (line: string) => void;
  /** Breaks off what comes up; the start then rejects, with all of it stopped. */
  readonly signal: AbortSignal;
}

/** Brings up every part, each on its own port. What was started is stopped if one cannot start. */
export async function startStack({
  values,
  firestoreHost,
  report,
  signal,
}: StackOptions): Promise<Stack> {
  bypassProxies();
  const parts: Part[] = [];
  const stop = async () => {
    for (const part of parts.toReversed()) await part.stop();
  };
  const start = async (
    name: string,
    address: string,
    open: () => Promise<Omit<Part, 'name' | 'address'>>,
  ) => {
    signal.throwIfAborted();
    const started = performance.now();
    const { stop: stopPart } = await open();
    parts.push({ name, address, stop: stopPart });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    report(`${name.padEnd(22)} ${address.padEnd(36)} ${seconds.padStart(5)} s`);
  };
  try {
    await assertPortsFree(firestoreHost);
    const host = firestoreHost ?? `127.0.0.1:${ports.firestore}`;
    if (firestoreHost === undefined) await start('Firestore', host, openFirestore);
    else report(`${'Firestore'.padEnd(22)} ${host.padEnd(36)} yours`);
    await start('Retail API (stand-in)', origin(ports.retail), () => openRetail(values));
    await start('Google (stand-in)', origin(ports.google), () => openGoogle(values));
    for (const gateway of gateways) {
      await start(gateway.title, origin(gateway.port), () => gateway.start(values));
    }
    await start('Web client', origin(ports.webClient), () => openWebClient(values));
    report('Functions, Auth        coming up, ten seconds or more …');
    await start('Functions, Auth', origin(ports.functions), () =>
      startEmulators(values, host, signal),
    );
    report(`${'Log of the functions'.padEnd(22)} ${EMULATOR_LOG}`);
    return { parts, firestoreHost: host, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assertPortsFree(firestoreHost: string | undefined): Promise<void> {
  const { firestore, firestoreControl, ...others } = ports;
  const own = firestoreHost === undefined ? [firestore, firestoreControl] : [];
  const standIns = gateways.map((gateway) => gateway.port);
  for (const port of [...own, ...Object.values(others), ...standIns]) await assertPortFree(port);
}

async function openFirestore() {
  const firestore = await startEmbeddedFirestore({ port: ports.firestore });
  const control = await serveControl(controlOf(firestore), ports.firestoreControl);
  return {
    stop: async () => {
      await control.stop();
      await firestore.stop();
    },
  };
}

function controlOf(firestore: FirestoreServer): FirestoreControl {
  return {
    rpcs: () => firestore.rpcs(),
    resetRpcs: () => {
      firestore.resetRpcs();
    },
    clear: () => {
      firestore.clear();
    },
    hang: (on) => {
      firestore.hang(on);
    },
    refuse: (number) => {
      firestore.refuse(number);
    },
  };
}

function openRetail(values: Values) {
  return startRetailApi({ port: ports.retail, apiKey: valueOf(values, 'PLATFONE_API_KEY') });
}

function openGoogle({ parameters }: Values) {
  const keys = ['RECAPTCHA_SITE_KEY', 'RECAPTCHA_ANDROID_SITE_KEY', 'RECAPTCHA_IOS_SITE_KEY'];
  const siteKeys = keys.flatMap((name) => parameters[name] ?? []);
  return startGoogle({ port: ports.google, project: PROJECT, siteKeys });
}
