import { parseArgs } from 'node:util';
import { configureProject } from '../reconcile/configuration.ts';
import type { Place } from './addresses.ts';

export interface Command extends Place {
  readonly replace: boolean;
}

/** Told of each step as it is done. */
export type Report = (line: string) => void;

/**
 * Runs a command that registers a webhook, configured as the functions of the project.
 * Ends the process with 2 for wrong arguments, with 1 for a failure.
 */
export async function runCommand(
  usage: string,
  { mayReplace }: { readonly mayReplace: boolean },
  run: (command: Command, report: Report) => Promise<void>,
): Promise<void> {
  const command = readCommand(mayReplace);
  if (command === undefined) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  try {
    configureProject(command.project);
    await run(command, (line) => {
      console.log(`  ${line}`);
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

function readCommand(mayReplace: boolean): Command | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const options = { project: text, domain: text, ...(mayReplace && { replace: flag }) };
    const { values } = parseArgs({ options });
    const project = values.project ?? process.env['GOOGLE_CLOUD_PROJECT'] ?? '';
    const domain = values.domain ?? `${project}.web.app`;
    const isWhole = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project);
    if (!isWhole || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain)) return undefined;
    return { project, domain, replace: values.replace === true };
  } catch {
    return undefined;
  }
}
