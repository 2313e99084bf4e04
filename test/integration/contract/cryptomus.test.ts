import { describeUnreadable } from '../../contract/unreadable.ts';
import { contract } from '../../unit/gateways/cryptomus/contract.ts';

describeUnreadable(contract);
