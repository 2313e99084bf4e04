import { DEAD_SUBSCRIPTION, TOPIC, type Plan } from './plan.ts';

/** What no program may do for the operator. */
export function leftToDo({ project, projectNumber, endpoint, sender }: Plan): string {
  return `
Left to do by hand:

  1. Play Console › your app › Monetize › Monetization setup › Google Play Billing:
     enable real-time notifications, topic
       projects/${project}/topics/${TOPIC}
     for "Subscriptions, voided purchases, and all one-time products"; save, then "Send test notification".
     It must be answered 200: see the log of googleplay-handleWebhookEvents.
  2. Play Console › Users and permissions: invite the service account whose key is
     GOOGLE_PLAY_SECRET_FILE, with "View app information" and "View financial data" and "Manage orders
     and subscriptions" for this app. It may take up to two days until Google lets it in.
  3. functions/.env:
       GOOGLE_PLAY_PUSH_AUDIENCE=${endpoint}
       GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT=${sender}
  4. In a project older than April 2021, let Pub/Sub sign in the sender's name:
       gcloud iam service-accounts add-iam-policy-binding ${sender} --project ${project} \\
         --member serviceAccount:service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com \\
         --role roles/iam.serviceAccountTokenCreator
  5. Alert on messages that wait in ${DEAD_SUBSCRIPTION}.
`;
}
