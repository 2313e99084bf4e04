import type { Gateway } from '../../gateway';
import { GooglePlayApi } from './api';
import { readConfig, readPushConfig, type GooglePlayConfig } from './config';
import { parseEvent, type PlayEvent, type Subject } from './events';
import { openGooglePlay, type GooglePlayDeps } from './google-play';
import { openHistory } from './history';
import { inquire, readingOnce, subjectOf, type InquiryDeps } from './inquiry';
import { readMovements } from './movements';
import { receiptIdOf } from './purchases';
import { openRefunds } from './refund';
import { checkSignature, openKeys } from './signature';

export type GatewayDeps = GooglePlayDeps;

export function openGateway(deps: Partial<GatewayDeps> = {}): Gateway<PlayEvent> {
  const config = readConfig();
  const pushConfig = readPushConfig();
  const keys = openKeys(pushConfig);
  const { packageName } = config;
  const { now = () => new Date() } = deps;
  const api = new GooglePlayApi(config);
  const { purchases, voids } = openGooglePlay(config, { api, ...deps });
  const open = () => openLook(config, { api, ...deps });
  return {
    verify: async (request) => {
      await checkSignature(request, pushConfig, keys);
      return parseEvent(request);
    },
    movements: (event) => readMovements(event, { packageName, purchases, voids, now }),
    trace: ({ id, type, at, packageName: from, subject }) => {
      return { id, type, at, packageName: from, ...toTrace(subject) };
    },
    inquire: (payment) => inquire(payment, open()),
    subjectOf,
    refunds: openRefunds(api),
    history: openHistory({ api, open, now }),
  };
}

/** The routines for one look: each object of Google is read once in it. */
function openLook(
  config: GooglePlayConfig,
  { api: given, ...deps }: Partial<GatewayDeps> & Pick<GatewayDeps, 'api'>,
): InquiryDeps {
  const api = readingOnce(given);
  return { api, ...openGooglePlay(config, { ...deps, api }) };
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
