import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { Unauthentic } from '../../errors';
import { parseJson } from '../../json';
import type { PayPalApi } from './api';
import type { Transmission } from './transmission';

const PATH = '/v1/notifications/verify-webhook-signature';

const reply = z.object({ verification_status: z.literal('SUCCESS') });
const jsonObject = z.record(z.string(), z.unknown());

/**
 * Asks PayPal whether it signed a body
 * (https://developer.paypal.com/docs/api/webhooks/v1/#verify-webhook-signature_post). The body is
 * sent back unchanged: parsing and writing it again would change its numbers, and the check would
 * fail.
 * @throws Unauthentic unless PayPal confirms it. Unavailable when PayPal does not answer.
 */
export async function askPayPal(
  api: PayPalApi,
  transmission: Transmission,
  body: Buffer,
  webhookIds: readonly string[],
): Promise<void> {
  const event = textOf(body);
  for (const webhookId of webhookIds) {
    const answer = await api.post(PATH, buildRequest(transmission, event, webhookId));
    if (reply.safeParse(parseJson(answer)).success) return;
  }
  throw new Unauthentic('PayPal did not sign this.');
}

function buildRequest(transmission: Transmission, event: string, webhookId: string): string {
  const fields = JSON.stringify({
    auth_algo: transmission.algorithm,
    cert_url: transmission.certificateUrl.href,
    transmission_id: transmission.id,
    transmission_sig: transmission.signature,
    transmission_time: transmission.time,
    webhook_id: webhookId,
  });
  return `${fields.slice(0, -1)},"webhook_event":${event}}`;
}

/**
 * The body as text. It becomes a part of our request, so it must be exactly one JSON object.
 * @throws Unauthentic when it is not.
 */
function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  if (isUtf8(body) && jsonObject.safeParse(parseJson(text)).success) return text;
  throw new Unauthentic('The body is not a JSON object.');
}
