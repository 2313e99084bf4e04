import { describeUnreadable } from '../../contract/unreadable.ts';
import { contract } from '../../unit/gateways/googleplay/contract.ts';

describeUnreadable(contract);
