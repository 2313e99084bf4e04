import { describeUnreadable } from '../../contract/unreadable.ts';
import { contractFor } from '../../unit/gateways/anypay/contract.ts';

describeUnreadable(contractFor('sha256'));
