import type { IAM, Policy, PubSub, Topic } from '@google-cloud/pubsub';
import { isAsIn } from '../google/as-in.ts';
import {
  DEAD_SUBSCRIPTION,
  DEAD_TOPIC,
  keptSettings,
  PLAY_PUBLISHER,
  pubsubAgent,
  pushSettings,
  SUBSCRIPTION,
  TOPIC,
  type Plan,
} from './plan.ts';

/** The library's own `getPolicy` cannot ask for a version. */
type PolicyOf = Pick<IAM, 'id' | 'request' | 'setPolicy'>;

type Settings = ReturnType<typeof pushSettings> | typeof keptSettings;

/** Told of each step as it is done. */
export type Report = (line: string) => void;

/** Makes the topics and subscriptions, or sets those that are there to what they should be. */
export async function setUpTopics(pubsub: PubSub, plan: Plan, report: Report): Promise<void> {
  const dead = await topicOf(pubsub, DEAD_TOPIC, report);
  await subscriptionOf(dead, DEAD_SUBSCRIPTION, keptSettings, report);
  const topic = await topicOf(pubsub, TOPIC, report);
  await subscriptionOf(topic, SUBSCRIPTION, pushSettings(plan), report);
}

/** Lets Google Play publish, and Pub/Sub move what was refused too often. */
export async function setUpGrants(pubsub: PubSub, plan: Plan, report: Report): Promise<void> {
  const agent = pubsubAgent(plan);
  const dead = pubsub.topic(DEAD_TOPIC);
  const push = pubsub.subscription(SUBSCRIPTION);
  await grant(pubsub.topic(TOPIC).iam, TOPIC, 'roles/pubsub.publisher', PLAY_PUBLISHER, report);
  await grant(dead.iam, DEAD_TOPIC, 'roles/pubsub.publisher', agent, report);
  await grant(push.iam, SUBSCRIPTION, 'roles/pubsub.subscriber', agent, report);
}

/** Adds a member to a role, and touches nothing else of the policy. */
export async function grant(
  iam: PolicyOf,
  name: string,
  role: string,
  member: string,
  report: Report,
): Promise<void> {
  const policy = await policyOf(iam);
  const bindings = policy.bindings ?? [];
  // A grant with a condition is another one than ours.
  const own = bindings.find((binding) => binding.role === role && !binding.condition);
  if (own?.members?.includes(member) === true) {
    report(`is there   ${role} on ${name} for ${member}`);
    return;
  }
  const others = bindings.filter((binding) => binding !== own);
  const binding = { ...own, role, members: [...(own?.members ?? []), member] };
  // The etag of what was read comes along: a change by somebody else in between is refused.
  await iam.setPolicy({ ...policy, version: WITH_CONDITIONS, bindings: [...others, binding] });
  report(`granted    ${role} on ${name} to ${member}`);
}

/** The policies that may hold grants under a condition (https://docs.cloud.google.com/iam/docs/policies). */
const WITH_CONDITIONS = 3;

/** Read in an older version, a policy would come without its conditions, and be written so. */
async function policyOf(iam: PolicyOf): Promise<Policy> {
  const config = {
    client: 'SubscriberClient' as const,
    method: 'getIamPolicy',
    reqOpts: { resource: iam.id, options: { requestedPolicyVersion: WITH_CONDITIONS } },
  };
  return new Promise((resolve, reject) => {
    iam.request<Policy>(config, (error, policy) => {
      if (error) reject(error);
      else resolve(policy ?? {});
    });
  });
}

async function topicOf(pubsub: PubSub, name: string, report: Report): Promise<Topic> {
  const made = await unlessThere(pubsub.createTopic(name));
  report(`${made ? 'made      ' : 'is there  '} topic ${name}`);
  return pubsub.topic(name);
}

async function subscriptionOf(
  topic: Topic,
  name: string,
  settings: Settings,
  report: Report,
): Promise<void> {
  const made = await unlessThere(topic.createSubscription(name, settings));
  const wrong = made ? [] : await correct(topic, name, settings);
  if (wrong.length > 0) report(`corrected  subscription ${name}: ${wrong.join(', ')}`);
  else report(`${made ? 'made      ' : 'is there  '} subscription ${name}`);
}

/** Sets what is otherwise than it should be; resolves to the names of that. */
async function correct(topic: Topic, name: string, settings: Settings): Promise<string[]> {
  const subscription = topic.pubsub.subscription(name);
  const [metadata] = await subscription.getMetadata();
  if (metadata.topic !== topic.name) {
    throw new Error(`${subscription.name} is of the topic ${String(metadata.topic)}: delete it`);
  }
  const found = metadata as Record<string, unknown>;
  const wrong = Object.entries(settings).filter(([key, wanted]) => !isAsIn(wanted, found[key]));
  if (wrong.length > 0) await subscription.setMetadata(Object.fromEntries(wrong));
  return wrong.map(([key]) => key);
}

/** gRPC's code for what is there already. */
const ALREADY_EXISTS = 6;

/** Whether it was made; false when it was there. */
async function unlessThere(making: Promise<unknown>): Promise<boolean> {
  try {
    await making;
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === ALREADY_EXISTS) return false;
    throw error;
  }
}
