import { describeUnreadable } from '../../contract/unreadable.ts';
import { contract } from '../../unit/gateways/stripe/contract.ts';

describeUnreadable(contract);
