import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { openClient } from '../functions/src/gateways/stripe/client.ts';
import type { readApiConfig } from '../functions/src/gateways/stripe/config.ts';
import { readKeptSecret, readSecrets } from './reconcile/configuration.ts';
import { webhookAddress } from './setup/addresses.ts';
import { runCommand } from './setup/command.ts';
import { keepSecret } from './setup/keep.ts';
import { registerAtStripe } from './setup/stripe.ts';

const usage = `Registers the webhook at Stripe, with the events that are needed. Running it again is safe.

  npm run setup:stripe -- --project <id> [--domain <your-domain.com>] [--replace]

Without a domain it takes <project>.web.app. --replace makes a new endpoint and then removes the old one,
for a signing secret that is lost or known to others. STRIPE_SECRET_KEY is taken from the environment, where it
is set, or else from Secret Manager.`;

const SECRET = 'STRIPE_WEBHOOK_SECRET';
// The functions as they are built.
const load = createRequire(resolve('functions/lib/index.js'));

const options = { gateway: 'stripe', secret: 'STRIPE_SECRET_KEY', mayReplace: true };
await runCommand(usage, options, async ({ project, domain, replace }, report) => {
  readSecrets(['STRIPE_SECRET_KEY']);
  const config = (
    load('./gateways/stripe/config.js') as { readApiConfig: typeof readApiConfig }
  ).readApiConfig();
  const client = (
    load('./gateways/stripe/client.js') as { openClient: typeof openClient }
  ).openClient(config);
  const { webhookEvents: events } = load('./gateways/stripe/webhook-events.js') as {
    webhookEvents: readonly string[];
  };
  const address = webhookAddress('stripe', { project, domain });
  const given = (readKeptSecret(SECRET) ?? '').split(',').map((one) => one.trim());
  const kept = given.filter((one) => one.startsWith('whsec_'));
  const keep = (secrets: readonly string[]) => {
    keepSecret(project, SECRET, secrets.join(','));
  };
  const plan = { project, address, events, replace, kept, keep };
  const isNew = await registerAtStripe(client, plan, report);
  console.log(`\nStripe tells ${address}`);
  if (isNew) {
    console.log(
      `Deploy now: npx firebase deploy --project ${project}. Until then the webhook refuses the new secret, and Stripe sends its events again for three days.`,
    );
  }
});
