import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../json';

/** The service account that we call Google with. */
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
    // A console or a shell may have escaped the line breaks once more.
    .transform((pem) => pem.replaceAll('\\n', '\n'))
    .refine(isRsaKey),
});

/**
 * Reads the JSON text of a service account's key file, as the Google Cloud console gives it. The
 * message does not say what is wrong, because every word of the file may be part of the secret.
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
