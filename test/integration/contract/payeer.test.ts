import { describeUnreadable } from '../../contract/unreadable.ts';
import { contract } from '../../unit/gateways/payeer/contract.ts';

describeUnreadable(contract);
