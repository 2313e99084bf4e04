import type { Published } from '../../functions/src/http/call.ts';
import { failure } from './answers.ts';

type PublishedWebhook = Extract<Published, { kind: 'webhook' }>;

/** What each failure means to the gateway: any of them is told again by most. */
const failures: Readonly<Record<number, string>> = {
  400: 'The event is the gateway’s, and is not what its contract says: the webhook is set up wrongly.',
  401: 'Not proven to come from the gateway. Nothing is stored.',
  405: 'An event is POSTed.',
  413: 'The body is over 1 MB.',
  415: 'The body is compressed.',
  500: 'A secret or a setting is missing. Send the event again when it is mended.',
  503: 'The event could not be stored or looked into now. Send it again.',
};

/** The path of a webhook, with its one operation. */
export function webhookOperation(about: object, { contentType }: PublishedWebhook): object {
  const refused = Object.entries(failures).map(
    ([status, meaning]) => [status, failure(Number(status), meaning)] as const,
  );
  return {
    post: {
      ...about,
      summary: 'Takes an event of the gateway.',
      description:
        'For the gateway alone, which signs what it sends. The body is proven as the bytes that arrive.',
      security: [],
      // The gateway's own documents say what is in it.
      requestBody: { required: true, content: { [contentType]: {} } },
      responses: {
        200: {
          description: 'The event is stored, or concerns nobody. Do not send it again.',
          content: { '*/*': {} },
        },
        ...Object.fromEntries(refused),
      },
    },
  };
}
