/** What the operator decides. */
export interface Plan {
  /** The Google Cloud project, and its number. */
  readonly project: string;
  readonly projectNumber: string;
  /** Where `googleplay-handleWebhookEvents` answers. */
  readonly endpoint: string;
  /** The e-mail address of the service account that pushes are signed with. */
  readonly sender: string;
}

export const TOPIC = 'play-notifications';
export const SUBSCRIPTION = 'play-notifications-push';
/** Where a notification ends that was refused too often. */
export const DEAD_TOPIC = 'play-notifications-dead';
export const DEAD_SUBSCRIPTION = 'play-notifications-dead-pull';

/** Google Play's own publisher (https://developer.android.com/google/play/billing/getting-ready). */
export const PLAY_PUBLISHER =
  'serviceAccount:google-play-developer-notifications@system.gserviceaccount.com';

/** Pub/Sub itself, which moves the dead letters. */
export function pubsubAgent({ projectNumber }: Plan): string {
  return `serviceAccount:service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`;
}

/** The default, and the most that every Pub/Sub takes. */
const KEPT = { seconds: 7 * 24 * 60 * 60 };

/** The settings of the subscription that pushes to us. */
export function pushSettings({ project, endpoint, sender }: Plan) {
  return {
    pushConfig: {
      pushEndpoint: endpoint,
      oidcToken: { serviceAccountEmail: sender, audience: endpoint },
    },
    // A push makes up to four calls of Google's API.
    ackDeadlineSeconds: 60,
    retryPolicy: { minimumBackoff: { seconds: 10 }, maximumBackoff: { seconds: 600 } },
    // The most there is: sixteen hours of an outage.
    deadLetterPolicy: {
      deadLetterTopic: `projects/${project}/topics/${DEAD_TOPIC}`,
      maxDeliveryAttempts: 100,
    },
    messageRetentionDuration: KEPT,
    // However long nobody buys.
    expirationPolicy: { ttl: null },
  };
}

/** Dead letters wait for somebody to look. */
export const keptSettings = {
  messageRetentionDuration: KEPT,
  expirationPolicy: { ttl: null },
};
