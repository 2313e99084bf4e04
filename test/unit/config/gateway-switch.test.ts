import { createRequire } from 'node:module';
import { gatewaySwitch } from '../../../functions/src/config/gateway-switch.ts';
import { Misconfigured } from '../../../functions/src/errors.ts';
import { setEnvironment } from '../../harness/environment.ts';

// The parts of the Firebase CLI that read the manifest; it has no types.
const cli = createRequire(require.resolve('firebase-tools/package.json'));
const { resolveExpression } = cli('./lib/deploy/functions/cel.js') as {
  resolveExpression: (type: 'boolean', expression: string, params: object) => unknown;
};
const { ParamValue } = cli('./lib/deploy/functions/params.js') as {
  ParamValue: new (value: string, isInternal: boolean, types: object) => object;
};

const gateway = gatewaySwitch('SOME_ENABLED');

afterEach(() => {
  setEnvironment({ SOME_ENABLED: undefined });
});

/** Whether the Firebase CLI leaves the functions out of a deployment. */
function isLeftOut(value: string): boolean {
  const params = { SOME_ENABLED: new ParamValue(value, false, { string: true }) };
  return resolveExpression('boolean', gateway.omit.toCEL(), params) as boolean;
}

test.each([
  ['true', false],
  ['draining', false],
  ['false', true],
  ['', true],
  // A misspelt word must not take a webhook away.
  ['tru', false],
  ['Draining', false],
  ['FALSE', false],
])('a gateway that is switched to "%s" is left out: %s', (value, leftOut) => {
  expect(isLeftOut(value)).toBe(leftOut);
  setEnvironment({ SOME_ENABLED: value });
  expect(gateway.omit.value()).toBe(leftOut);
});

test('a gateway takes new orders, but not while it is draining', () => {
  expect(gateway.takesOrders({ SOME_ENABLED: 'true' })).toBe(true);
  expect(gateway.takesOrders({ SOME_ENABLED: 'draining' })).toBe(false);
});

test.each(['tru', 'Draining', 'FALSE', 'on', '1', 'drain'])(
  'a switch that says "%s" is a fault of the configuration, and names its variable',
  (value) => {
    const ask = () => gateway.takesOrders({ SOME_ENABLED: value });
    expect(ask).toThrow(Misconfigured);
    expect(ask).toThrow('SOME_ENABLED must be true, draining or false');
  },
);
