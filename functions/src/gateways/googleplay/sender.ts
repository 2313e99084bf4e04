import { OAuth2Client, type LoginTicket } from 'google-auth-library';
import { z } from 'zod';
import { Unauthentic, Unavailable } from '../../errors';
import type { PushConfig } from './config';

/** Checks an `Authorization` header; resolves only when it proves the sender. */
export type SenderCheck = (authorization: string | string[] | undefined) => Promise<void>;

/** Google's own spellings; the library would also take those of other clouds. */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/** For fetching the certificates, which are then kept as long as Google says. */
const TIMEOUT_MS = 4_000;

/** The library holds the audience against ours, but leaves who has sent the token to its caller. */
const claims = z.object({ email: z.string(), email_verified: z.literal(true) });

/**
 * Proves that Pub/Sub pushes for our subscription: an OIDC token signed by Google, for our audience,
 * with the verified address of the service account that the subscription was given
 * (https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions). The token says
 * nothing of the body and may be used again for an hour: what is pushed is a hint, not a proof.
 * The check throws Unauthentic for any other token, and Unavailable while Google's certificates
 * cannot be had.
 */
export function senderCheck({ audience, sender, certificatesUrl }: PushConfig): SenderCheck {
  const google = new OAuth2Client({
    endpoints: { oauth2FederatedSignonPemCertsUrl: certificatesUrl },
    // The library would load one of its own.
    transporterOptions: {
      timeout: TIMEOUT_MS,
      retryConfig: { retry: 1 },
      fetchImplementation: fetch,
    },
  });
  return async (authorization) => {
    const token = tokenIn(authorization);
    const { certs } = await google.getFederatedSignonCerts().catch(unavailable);
    const ticket = await google
      .verifySignedJwtWithCertsAsync(token, certs, audience, ISSUERS)
      .catch(unauthentic);
    const { data: from } = claims.safeParse(ticket.getPayload());
    if (from?.email !== sender) throw new Unauthentic('The push is not from our subscription.');
  };
}

/** Looks at the form first: nobody makes us fetch certificates for a token that is none. */
function tokenIn(authorization: string | string[] | undefined): string {
  const header = typeof authorization === 'string' ? authorization : '';
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
  if (token === undefined) throw new Unauthentic('The push carries no token.');
  return token;
}

function unavailable(cause: unknown): never {
  throw new Unavailable("Google's certificates could not be had.", { cause });
}

/** What the library says quotes the token. */
function unauthentic(): Promise<LoginTicket> {
  throw new Unauthentic("The push's token is not valid here.");
}
