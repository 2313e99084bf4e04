import { readAdvisories } from './audit/advisories.ts';

/**
 * Fails when a package that is deployed has an advisory of severity high or critical. The
 * development tools never meet a request; Dependabot keeps them up to date. Where the registry gives
 * no advisories, such as without a network, that is said and is no failure.
 */
async function main(): Promise<number> {
  const audit = await readAdvisories('functions');
  if (audit.kind === 'unanswered') {
    console.log(`skipped: advisories on the deployed packages (${audit.reason})`);
    return 0;
  }
  for (const line of audit.refused) console.error(line);
  return audit.refused.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
