/** The gateways whose own ids the staff looks for, a line each. */
export { NAME as anypay } from '../gateways/anypay/config';
export { NAME as appstore } from '../gateways/appstore/config';
export { NAME as cryptomus } from '../gateways/cryptomus/config';
export { NAME as googleplay } from '../gateways/googleplay/config';
export { NAME as payeer } from '../gateways/payeer/config';
export { NAME as paypal } from '../gateways/paypal/config';
export { NAME as stripe } from '../gateways/stripe/config';
export { NAME as wayforpay } from '../gateways/wayforpay/config';
