import { createRequire } from 'node:module';
import { declaredParams } from 'firebase-functions/params';
import { askForMode } from '../../../functions/src/config/mode-question.ts';
import { readSettings } from '../../../functions/src/config/settings.ts';

// The part of the Firebase CLI that asks; it has no types.
const cli = createRequire(require.resolve('firebase-tools/package.json'));
const { resolveParams } = cli('./lib/deploy/functions/params.js') as {
  resolveParams: (options: object) => Promise<{ paramValues: Record<string, unknown> }>;
};

interface Question {
  readonly description: string;
  readonly input: { readonly select: { readonly options: readonly { readonly value: string }[] } };
}

askForMode();
const questions = declaredParams.map((one) => (one as unknown as { toSpec(): Question }).toSpec());

/** What a deployment comes to that cannot ask. */
async function deployed(userEnvs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const options = { userEnvs, firebaseConfig: {}, nonInteractive: true };
  return (await resolveParams({ params: questions, ...options })).paramValues;
}

test('a deployment without a mode stops: no mode is taken for granted', async () => {
  await expect(deployed({})).rejects.toThrow('PAYMENTS_MODE');
});

test('one that says its mode asks nothing', async () => {
  expect(await deployed({ PAYMENTS_MODE: 'live' })).toMatchObject({ PAYMENTS_MODE: 'live' });
});

test('every answer is a mode, and the question says what each means', () => {
  const [question] = questions;
  const modes = question?.input.select.options.map(
    ({ value }) => readSettings({ PAYMENTS_MODE: value }).mode,
  );
  expect(modes).toEqual(['live', 'test']);
  expect(question?.description).toContain('their buyers pay real money even then');
});
