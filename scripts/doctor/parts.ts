import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { ConfigReader } from '../../functions/src/config/environment.ts';
import type { Part } from './examine.ts';
import type { Setting } from './examples.ts';

const LIB = 'functions/lib';
const load = createRequire(import.meta.url);

type Module = Readonly<Record<string, unknown>>;

/** What all functions share: the files that read it, and the names of their readers. */
const shared: readonly (readonly [file: string, ...readers: string[]])[] = [
  ['config/settings.js', 'readSettings'],
  ['config/platform.js', 'readPlatform'],
  ['config/callers.js', 'mayAnonymousUsersPay'],
  ['config/attestation.js', 'readRecaptchaConfig', 'readAppCheckConfig'],
  ['retail/config.js', 'readRetailConfig'],
  ['deletion/config.js', 'readDeletionConfig'],
  ['staff/config.js', 'readStaffConfig'],
];

/** A gateway, as its folder declares it. */
interface GatewayPart extends Part {
  readonly secrets: readonly string[];
}

/** The parts of a deployment: the shared one, then every gateway that is on. */
export interface Deployment {
  readonly parts: readonly Part[];
  /** Secrets that the deployed functions are bound to. */
  readonly secrets: readonly string[];
  /** The gateways that are deployed, and those that are not. */
  readonly on: readonly string[];
  readonly off: readonly string[];
}

/**
 * Reads which parts are deployed. The switches are read from `process.env`, as they are when the
 * functions are deployed.
 */
export function readDeployment(settings: readonly Setting[]): Deployment {
  const names = gatewayNames();
  const isOff = (name: string) => (configOf(name)['omit'] as { value(): boolean }).value();
  const on = names.filter((name) => !isOff(name));
  const gateways = on.map((name) => gatewayPart(name, settings));
  const stores = on.some((name) => readsCatalogue(name));
  const ofGateways = new Set(names.flatMap((name) => settingsOf(name, settings)));
  const rest = settings.filter((setting) => !ofGateways.has(setting));
  const common = rest.filter(({ name }) => stores || !name.startsWith('STORE_'));
  const readers = shared.flatMap(([file, ...names]) => {
    const module = read(file);
    return names.map((name) => module[name] as ConfigReader);
  });
  return {
    parts: [{ title: 'All functions', settings: common, readers }, ...gateways],
    secrets: [...(read('retail/config.js')['retailSecrets'] as string[])].concat(
      gateways.flatMap(({ secrets }) => secrets),
    ),
    on,
    off: names.filter(isOff),
  };
}

/** Every gateway, with the variable that switches it. */
export function readSwitches(
  settings: readonly Setting[],
): readonly { readonly gateway: string; readonly variable: string }[] {
  return gatewayNames().flatMap((gateway) =>
    settingsOf(gateway, settings)
      .filter(({ name }) => name.endsWith('_ENABLED'))
      .map(({ name }) => ({ gateway, variable: name })),
  );
}

function gatewayNames(): string[] {
  return readdirSync(resolve(LIB, 'gateways'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function gatewayPart(name: string, settings: readonly Setting[]): GatewayPart {
  const config = configOf(name);
  const own = settingsOf(name, settings);
  const lists = Object.entries(config).filter(([key]) => /secrets$/i.test(key));
  return {
    title: name,
    settings: own,
    readers: [...switchReaders(own), ...(config['readers'] as ConfigReader[])],
    secrets: [...new Set(lists.flatMap(([, list]) => list as string[]))],
  };
}

/** A misspelt switch deploys the gateway, which then answers orders with 500. */
function switchReaders(settings: readonly Setting[]): readonly ConfigReader[] {
  const { gatewaySwitch } = read('config/gateway-switch.js') as {
    gatewaySwitch: (name: string) => { readonly takesOrders: ConfigReader };
  };
  return settings
    .filter(({ name }) => name.endsWith('_ENABLED'))
    .map(({ name }) => gatewaySwitch(name).takesOrders);
}

/** The settings whose names begin with the gateway's: GOOGLE_PLAY_… are those of googleplay. */
function settingsOf(gateway: string, settings: readonly Setting[]): readonly Setting[] {
  const prefixes = settings.flatMap(({ name }) => /^([A-Z0-9_]+)_ENABLED$/.exec(name)?.[1] ?? []);
  const own = prefixes.find((prefix) => prefix.replaceAll('_', '').toLowerCase() === gateway);
  return settings.filter(({ name }) => own !== undefined && name.startsWith(`${own}_`));
}

/** Whether the gateway is a store, whose products are in a catalogue. */
function readsCatalogue(gateway: string): boolean {
  const { readCatalogue } = read('stores/catalogue.js');
  return (configOf(gateway)['readers'] as readonly unknown[]).includes(readCatalogue);
}

function configOf(gateway: string): Module {
  return read(`gateways/${gateway}/config.js`);
}

function read(file: string): Module {
  return load(resolve(LIB, file)) as Module;
}
