import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { readApiConfig } from '../functions/src/gateways/paypal/config.ts';
import type { exchange } from '../functions/src/outbound.ts';
import { readSecrets } from './reconcile/configuration.ts';
import { webhookAddress } from './setup/addresses.ts';
import { runCommand } from './setup/command.ts';
import { fileFor, prepareVariables } from './setup/keep.ts';
import { registerAtPayPal } from './setup/paypal.ts';

const usage = `Registers the webhook at PayPal, with the events that are needed. Running it again is safe.

  npm run setup:paypal -- --project <id> [--domain <your-domain.com>]

Without a domain it takes <project>.web.app. PAYPAL_CLIENT_SECRET is taken from the environment, where it is set,
or else from Secret Manager.`;

const IDS = 'PAYPAL_WEBHOOK_ID';
// The functions as they are built.
const load = createRequire(resolve('functions/lib/index.js'));

const options = { gateway: 'paypal', secret: 'PAYPAL_CLIENT_SECRET', mayReplace: false };
await runCommand(usage, options, async ({ project, domain }, report) => {
  readSecrets(['PAYPAL_CLIENT_SECRET']);
  const { readApiConfig: read } = load('./gateways/paypal/config.js') as {
    readApiConfig: typeof readApiConfig;
  };
  const { exchange: fetcher } = load('./outbound.js') as { exchange: typeof exchange };
  const { webhookEvents: events } = load('./gateways/paypal/webhook-events.js') as {
    webhookEvents: readonly string[];
  };
  const address = webhookAddress('paypal', { project, domain });
  const given = (process.env[IDS] ?? '').split(',').map((id) => id.trim());
  const kept = given.filter((id) => id !== '');
  const keep = (ids: readonly string[]) => {
    const variables = { [IDS]: ids.join(',') };
    const path = fileFor(project, variables);
    prepareVariables(path, variables)();
    report(`kept       ${IDS}, in ${path}`);
  };
  const isNew = await registerAtPayPal(read(), fetcher, { address, events, kept, keep }, report);
  console.log(`\nPayPal tells ${address}`);
  if (isNew) {
    console.log(
      `Deploy now: npx firebase deploy --project ${project}. Until then the webhook refuses its events, and PayPal sends them again for three days.`,
    );
  }
});
