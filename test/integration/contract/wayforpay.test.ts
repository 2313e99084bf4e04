import { describeUnreadable } from '../../contract/unreadable.ts';
import { contract } from '../../unit/gateways/wayforpay/contract.ts';

describeUnreadable(contract);
