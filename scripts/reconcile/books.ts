import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Gateway, GatewayEvent } from '../../functions/src/gateway.ts';
import type { Books, GatewayReport, ReportSpan } from '../../functions/src/reconcile/report.ts';
import { readSecrets } from './configuration.ts';

const LIB = 'functions/lib';
const load = createRequire(import.meta.url);

interface GatewayConfig {
  readonly omit: { value(): boolean };
  readonly secrets: readonly string[];
}

interface GatewayModule {
  readonly openGateway: (deps: {
    isReadOnly: true;
  }) => Gateway<GatewayEvent> | Promise<Gateway<GatewayEvent>>;
}

interface Library {
  readonly openBookedRows: () => Books['rows'];
  readonly openUnresolvedEvents: () => Books['unresolved'];
  readonly reportOn: (books: Books, span: ReportSpan) => Promise<GatewayReport>;
}

/** What came of one gateway; `failure` says why it could not be compared. */
export interface PrintedReport extends GatewayReport {
  readonly failure?: string;
}

export interface OpenedBooks {
  report(span: ReportSpan): Promise<readonly PrintedReport[]>;
}

/**
 * Opens the gateways that are on, or those that are named.
 * @returns what is wrong, where a name is no gateway.
 */
export function openBooks(names: readonly string[] | undefined): OpenedBooks | string {
  const all = readdirSync(join(LIB, 'gateways')).filter((name) =>
    existsSync(join(LIB, 'gateways', name, 'gateway.js')),
  );
  const unknown = (names ?? []).filter((name) => !all.includes(name));
  if (unknown.length > 0)
    return `Not a gateway: ${unknown.join(', ')}. There are ${all.join(', ')}.`;
  const wanted = names ?? all.filter((name) => !configOf(name).omit.value());
  if (wanted.length === 0) return 'No gateway is on: see the switches in functions/.env.';
  const library = {
    ...read('ledger/booked-rows.js'),
    ...read('ledger/unresolved-events.js'),
    ...read('reconcile/report.js'),
  } as Library;
  return {
    report: async (span) => {
      const reports: PrintedReport[] = [];
      for (const name of wanted) reports.push(await reportOf(library, name, span));
      return reports;
    },
  };
}

/** A gateway that cannot be compared hides no other. */
async function reportOf(library: Library, name: string, span: ReportSpan): Promise<PrintedReport> {
  try {
    readSecrets(configOf(name).secrets);
    const { openGateway } = read(`gateways/${name}/gateway.js`) as GatewayModule;
    const books = {
      name,
      gateway: await openGateway({ isReadOnly: true }),
      rows: library.openBookedRows(),
      unresolved: library.openUnresolvedEvents(),
    };
    return await library.reportOn(books, span);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { gateway: name, lines: [], sums: [], unlisted: [], listedSince: null, failure };
  }
}

function configOf(name: string): GatewayConfig {
  return read(`gateways/${name}/config.js`) as GatewayConfig;
}

function read(path: string): object {
  return load(resolve(LIB, path)) as object;
}
