import { describeUnreadable } from '../../contract/unreadable.ts';
import { contract } from '../../unit/gateways/paypal/contract.ts';

describeUnreadable(contract);
