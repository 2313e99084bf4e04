import { defineString, select } from 'firebase-functions/params';

/**
 * Makes the Firebase CLI ask for PAYMENTS_MODE at a deployment whose `.env` does not say it. There is no
 * default: a wrong guess would credit real money to the Retail API's sandbox, or test money to live
 * balances. The code reads the variable itself: see `readSettings`.
 */
export function askForMode(): void {
  defineString('PAYMENTS_MODE', {
    label: 'Which money',
    description:
      'live moves real money. test takes test payments and credits the sandbox of the Retail API; ' +
      'Cryptomus, Payeer, AnyPay and WayForPay have no test money: their buyers pay real money even then.',
    input: select({ 'live: real money': 'live', 'test: the sandbox': 'test' }),
  });
}
