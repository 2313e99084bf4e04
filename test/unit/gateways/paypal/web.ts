import { Certificates } from '../../../../functions/src/gateways/paypal/certificates.ts';
import { readConfig } from '../../../../functions/src/gateways/paypal/config.ts';
import { fixture } from '../../../contract/gateway-contract.ts';
import { answeringWith } from '../../../harness/send.ts';
import { signedHeaders, type Signatory } from '../../../standins/paypal/signing.ts';
import { open, signatory, WEBHOOK_ID } from './bench.ts';

export const body = fixture('paypal', 'PAYMENT.CAPTURE.COMPLETED');

/** Everything that was asked for, and what each address answers. */
export class Web {
  readonly asked: string[] = [];
  readonly #answers: Record<string, () => Response | Promise<Response>>;

  constructor(answers: Record<string, () => Response | Promise<Response>>) {
    this.#answers = answers;
  }

  readonly send = answeringWith((url, signal) => {
    this.asked.push(url);
    const answer = this.#answers[url];
    if (answer === undefined) throw new Error(`nobody should ask for ${url}`);
    signal.throwIfAborted();
    return answer();
  });
}

export function serving(pem: string, { certificateUrl }: Signatory = signatory): Web {
  return new Web({ [certificateUrl]: () => new Response(pem) });
}

/** The key of a certificate, without a message. */
export function keyOf(web: Web, { certificateUrl }: Pick<Signatory, 'certificateUrl'> = signatory) {
  const certificates = new Certificates(readConfig().certificates, web.send, () => new Date());
  return certificates.keyAt(new URL(certificateUrl));
}

/** The gateway's word on a message that a signatory has signed. */
export async function word(
  web: Web,
  by: Pick<Signatory, 'leaf' | 'certificateUrl'> = signatory,
  now?: () => Date,
) {
  const gateway = await open({ send: web.send, ...(now && { now }) });
  const headers = signedHeaders(body, WEBHOOK_ID, by);
  return () => gateway.verify({ method: 'POST', headers, body });
}
