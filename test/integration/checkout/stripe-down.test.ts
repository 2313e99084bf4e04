import type { ApiFault } from '../../standins/faults.ts';
import { Bench, CREATE, expectAllowedFields, inBrief, STATUS } from './bench.ts';

const bench = new Bench();

describe('the trouble of Stripe is not the words of our answer', () => {
  const troubles: [string, ApiFault, number, string][] = [
    ['refuses the key', { status: 401 }, 500, 'InternalServerErrorException'],
    ['forbids the key to', { status: 403 }, 500, 'InternalServerErrorException'],
    ['finds a fault', { status: 400 }, 500, 'InternalServerErrorException'],
    ['is asked too often', { status: 429 }, 503, 'ServiceUnavailableException'],
    ['is busy with it', { status: 409 }, 503, 'ServiceUnavailableException'],
    ['fails', { status: 500 }, 503, 'ServiceUnavailableException'],
    ['hangs up', { drop: true }, 503, 'ServiceUnavailableException'],
  ];

  test.each(troubles)('it %s', async (_name, fault, code, errorName) => {
    const user = await bench.signIn();
    const id = await bench.ordered(user);
    bench.stripe.fault({ ...fault, times: 2 });
    const created = await bench.ask(user);
    bench.stripe.fault({ ...fault, times: 2 });
    const read = await bench.status(user, id);
    for (const answer of [created, read]) {
      const errorMessage = code === 503 ? 'Try again later.' : 'Something went wrong.';
      expect([answer.status, answer.body]).toEqual([code, { errorName, errorMessage }]);
    }
    const lines = bench.logged().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line['function'])).toEqual([CREATE, STATUS]);
    expect(bench.logged().join('\n')).not.toContain('ordered');
  });

  test('it does not answer', async () => {
    const user = await bench.signIn();
    const id = await bench.ordered(user);
    bench.stripe.fault({ timeout: true, times: 4 });
    const answers = await Promise.all([bench.ask(user), bench.status(user, id)]);
    for (const answer of answers) {
      expect(inBrief(answer)).toEqual([503, 'ServiceUnavailableException']);
    }
  });
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
