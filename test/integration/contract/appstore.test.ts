import { describeUnreadable } from '../../contract/unreadable.ts';
import { contract } from '../../unit/gateways/appstore/contract.ts';

describeUnreadable(contract);
