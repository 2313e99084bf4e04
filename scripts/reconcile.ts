import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openBooks } from './reconcile/books.ts';
import { configureProject, configureStack } from './reconcile/configuration.ts';
import { toCsv, toTable } from './reconcile/print.ts';
import { readSpan } from './reconcile/span.ts';

/*
 * Compares what gateways hold with the rows, and the rows with what the Retail API has confirmed:
 * `npm run reconcile -- --from 2026-11-01 --to 2026-12-01` on the stack, and with
 * `GOOGLE_CLOUD_PROJECT=<project>` before it on a project, as the user of `gcloud auth
 * application-default login` and of `firebase login`. Nothing is changed anywhere.
 */
const usage = `npm run reconcile -- --from <date> --to <date> [--gateway <name>] [--csv <file>]

  --from, --to   2026-11-01, or 2026-11-01T12:00:00Z; --to is the first moment after the span
  --gateway      this one alone; may be repeated
  --csv          writes every difference into this file`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  gateway: { type: 'string', multiple: true },
  csv: { type: 'string' },
} as const;

/** 0: all agree; 1: there are differences; 2: it was not asked for in a way that can be answered. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  const span = readSpan(values.from, values.to);
  if (typeof span === 'string') {
    console.error(`${span}\n\n${usage}`);
    return 2;
  }
  const project = process.env['GOOGLE_CLOUD_PROJECT'];
  if (project === undefined) configureStack();
  else configureProject(project);
  const books = openBooks(values.gateway);
  if (typeof books === 'string') {
    console.error(books);
    return 2;
  }
  const reports = await books.report(span);
  console.log(toTable(reports, span));
  if (values.csv !== undefined) writeFileSync(values.csv, toCsv(reports));
  return reports.some(({ lines, failure }) => lines.length > 0 || failure !== undefined) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
