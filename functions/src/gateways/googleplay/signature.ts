import { OAuth2Client, type LoginTicket } from 'google-auth-library';
import { z } from 'zod';
import { Unauthentic, Unavailable } from '../../errors';
import type { WebhookRequest } from '../../gateway';
import type { PushConfig } from './config';

/** Google's own spellings. The library would also accept the issuers of other clouds. */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/** The limit for fetching the certificates. The client then keeps them as long as Google says. */
const TIMEOUT_MS = 4_000;

/** The library checks the audience and leaves the sender to its caller. */
const claims = z.object({ email: z.string(), email_verified: z.literal(true) });

/** Opens the client that fetches Google's certificates and keeps them. */
export function openKeys({ certificatesUrl }: PushConfig): OAuth2Client {
  return new OAuth2Client({
    endpoints: { oauth2FederatedSignonPemCertsUrl: certificatesUrl },
    // Without an own fetch, the library loads another one.
    transporterOptions: {
      timeout: TIMEOUT_MS,
      retryConfig: { retry: 1 },
      fetchImplementation: fetch,
    },
  });
}

/**
 * Checks that Pub/Sub pushes for our subscription: Google signed the OIDC token in the header, for
 * our audience, with the verified address of the subscription's service account
 * (https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions). The token does not
 * cover the body and stays valid for an hour, so a push is a hint and not a proof.
 * @throws Unauthentic for any other token.
 * @throws Unavailable when Google's certificates cannot be fetched.
 */
export async function checkSignature(
  { headers }: WebhookRequest,
  { audience, sender }: PushConfig,
  keys: OAuth2Client,
): Promise<void> {
  const token = readToken(headers['authorization']);
  const { certs } = await keys.getFederatedSignonCerts().catch(throwUnavailable);
  const ticket = await keys
    .verifySignedJwtWithCertsAsync(token, certs, audience, ISSUERS)
    .catch(throwUnauthentic);
  const { data: from } = claims.safeParse(ticket.getPayload());
  if (from?.email !== sender) throw new Unauthentic('The push is not from our subscription.');
}

/** Checks the form first, so that garbage in the header makes us fetch no certificates. */
function readToken(authorization: string | string[] | undefined): string {
  const header = typeof authorization === 'string' ? authorization : '';
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
  if (token === undefined) throw new Unauthentic('The push carries no token.');
  return token;
}

function throwUnavailable(cause: unknown): never {
  throw new Unavailable("Google's certificates could not be had.", { cause });
}

/** Drops the library's error, because its message quotes the token. */
function throwUnauthentic(): Promise<LoginTicket> {
  throw new Unauthentic("The push's token is not valid here.");
}
