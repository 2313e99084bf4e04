import { describeGateway } from '../../../contract/gateway-contract.ts';
import { contract } from './contract.ts';

describeGateway(contract);
