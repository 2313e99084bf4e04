import { Misconfigured } from '../../../functions/src/errors.ts';
import { readStaffConfig } from '../../../functions/src/staff/config.ts';

test('50 dollars need no second person, unless the deployment says otherwise', () => {
  expect(readStaffConfig({})).toEqual({ adjustmentLimitCents: 5000 });
  expect(readStaffConfig({ ADJUSTMENT_LIMIT_CENTS: '0' })).toEqual({ adjustmentLimitCents: 0 });
});

test.each(['-1', '10000001', 'much'])('a limit of %s names the variable', (given) => {
  const read = () => readStaffConfig({ ADJUSTMENT_LIMIT_CENTS: given });
  expect(read).toThrow(Misconfigured);
  expect(read).toThrow('ADJUSTMENT_LIMIT_CENTS');
});
