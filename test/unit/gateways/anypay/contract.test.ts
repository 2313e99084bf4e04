import { describeGateway } from '../../../contract/gateway-contract.ts';
import type { SignType } from './bench.ts';
import { contractFor } from './contract.ts';

describe.each<SignType>(['md5', 'sha256'])('signed with %s', (signType) => {
  describeGateway(contractFor(signType));
});
