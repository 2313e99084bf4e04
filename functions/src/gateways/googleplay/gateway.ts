import type { Gateway } from '../../gateway';
import { readConfig, readPushConfig } from './config';
import { parseEvent, type PlayEvent, type Subject } from './events';
import { openGooglePlay, type GooglePlayDeps } from './google-play';
import { readMovements } from './movements';
import { receiptIdOf } from './purchases';
import { checkSignature, openKeys } from './signature';

export type GatewayDeps = GooglePlayDeps;

export function openGateway(deps: Partial<GatewayDeps> = {}): Gateway<PlayEvent> {
  const config = readConfig();
  const pushConfig = readPushConfig();
  const keys = openKeys(pushConfig);
  const { packageName } = config;
  const { purchases, voids } = openGooglePlay(config, deps);
  const { now = () => new Date() } = deps;
  return {
    verify: async (request) => {
      await checkSignature(request, pushConfig, keys);
      return parseEvent(request);
    },
    movements: (event) => readMovements(event, { packageName, purchases, voids, now }),
    trace: ({ id, type, at, packageName: from, subject }) => {
      return { id, type, at, packageName: from, ...toTrace(subject) };
    },
  };
}

/** The fields by which a person finds the purchase. The token is left out: it is enough to claim. */
function toTrace(subject: Subject): object {
  switch (subject.kind) {
    case 'purchase':
      return { receiptId: receiptIdOf(subject.token) };
    case 'void':
      return { receiptId: receiptIdOf(subject.token), orderId: subject.googleOrderId };
    case 'review':
      return { review: subject.review };
    case 'nothing':
    case 'unreadable':
      return {};
  }
}
