import { readMonitoring } from '../../scripts/monitoring/files.ts';
import { entryOf, readFilter } from './log-filter.ts';

interface Policy {
  readonly userLabels: { readonly payments: string };
  readonly conditions: readonly { readonly conditionMatchedLog?: { readonly filter: string } }[];
}

const { policies } = readMonitoring({ project: 'demo', host: 'example.com', path: '/' });

const filters = (policies as unknown as readonly Policy[]).flatMap(({ userLabels, conditions }) =>
  conditions.flatMap(({ conditionMatchedLog: ofLog }) =>
    ofLog === undefined ? [] : [{ id: userLabels.payments, matches: readFilter(ofLog.filter) }],
  ),
);

/** The policies that a line of the log sets off, by their label. */
export function alertedBy(line: string): string[] {
  const entry = entryOf(line);
  return filters.filter(({ matches }) => matches(entry)).map(({ id }) => id);
}

/** Lines that reach nobody although a person must look at them, or somebody although none must. */
export function misrouted(lines: readonly string[]): string[] {
  return lines.filter((line) => {
    if (!line.startsWith('{"')) return false;
    const { severity, next_step: nextStep } = JSON.parse(line) as Record<string, unknown>;
    const needsAPerson = severity === 'ERROR' && nextStep !== undefined;
    return alertedBy(line).length !== (needsAPerson ? 1 : 0);
  });
}
