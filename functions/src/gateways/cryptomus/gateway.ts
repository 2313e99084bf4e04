import { log } from '../../log';
import { openOrders } from '../../orders/orders';
import { openPipeline } from '../../pipeline';
import type { Gateway } from '../../gateway';
import { readApiConfig, readCreditsUnderpaid } from './config';
import { parseEvent, type CryptomusEvent } from './events';
import { Invoices } from './invoices';
import { Settlement, type Books } from './settlement';
import { signedText } from './signature';

export async function openGateway(books?: Books): Promise<Gateway<CryptomusEvent>> {
  const config = readApiConfig();
  const settlement = new Settlement({
    mode: config.mode,
    creditsUnderpaid: readCreditsUnderpaid(),
    invoices: new Invoices(config),
    ...(books ?? (await openBooks())),
  });
  return {
    verify: async ({ body }) => parseEvent(signedText(body, config.paymentKey)),
    movements: async (event) => {
      if (event.subject === 'payment') return settlement.payment(event);
      if (event.subject === 'refund') return settlement.refund(event);
      if (event.subject === 'notice') {
        log.alert('Cryptomus reports what a person should see', {
          event_id: event.id,
          event_type: event.type,
        });
      }
      return [];
    },
  };
}

async function openBooks(): Promise<Books> {
  const { ledger } = await openPipeline();
  return { ledger, orders: await openOrders() };
}
