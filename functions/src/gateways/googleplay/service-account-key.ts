import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../json';

/** Who we are to Google. */
export interface ServiceAccountKey {
  readonly email: string;
  /** PEM. */
  readonly privateKey: string;
}

const file = z.object({
  type: z.literal('service_account'),
  client_email: z.email(),
  private_key: z
    .string()
    // As it comes out of a console or a shell that has escaped the line ends once more.
    .transform((pem) => pem.replaceAll('\\n', '\n'))
    .refine(isRsaKey),
});

/**
 * Reads the text of a service account's key file in JSON, as the Google Cloud console gives it. What
 * is wrong with it is not told: every word of it may be part of the secret.
 */
export const serviceAccountKey = z.string().transform((text, context): ServiceAccountKey => {
  const { data } = file.safeParse(parseJson(text));
  if (data !== undefined) return { email: data.client_email, privateKey: data.private_key };
  context.addIssue({
    code: 'custom',
    message: "must be the JSON text of a service account's key file",
  });
  return z.NEVER;
});

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
