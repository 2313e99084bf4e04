import { examine, type Examined } from '../../scripts/doctor/examine.ts';
import { readExamples } from '../../scripts/doctor/examples.ts';
import { readDeployment } from '../../scripts/doctor/parts.ts';
import { valuesUnder } from '../../scripts/stack/configure.ts';
import { setEnvironment } from './environment.ts';

export const settings = readExamples();
const { parameters, secrets } = valuesUnder({});
export const stack: Readonly<Record<string, string>> = { ...parameters, ...secrets };

/** What the doctor finds of the stack's own values, but for those that are given. */
export function examineStack(
  given: Readonly<Record<string, string>> = {},
  unseen: readonly string[] = [],
): readonly Examined[] {
  const environment = { ...stack, ...given };
  setEnvironment(environment);
  const { parts } = readDeployment(settings);
  return examine(parts, environment, new Set(unseen));
}

/** What the doctor says, as `state name words → fix`. */
export function linesOf(examined: readonly Examined[]): string[] {
  return examined.flatMap(({ findings }) =>
    findings.map(
      ({ state, name, words, fix }) => `${state} ${name} ${words}${fix ? ` → ${fix}` : ''}`,
    ),
  );
}
