import { Bench, CREATE, expectAllowedFields, inBrief } from './bench.ts';

const bench = new Bench();

const retail = () => bench.world.retail.control;
const questions = () =>
  retail()
    .requests()
    .filter(({ method }) => method === 'GET');

/** A user whom the Retail API knows. */
async function customer() {
  const user = await bench.signIn();
  retail().addCustomer(user.uid);
  return user;
}

describe('an account on hold', () => {
  test('is told so before it orders, and has no order', async () => {
    const user = await customer();
    retail().failFor(user.uid, 403);
    for (let n = 0; n < 3; n += 1) {
      expect(inBrief(await bench.ask(user))).toEqual([403, 'AccountOnHoldException']);
    }
    expect(await bench.ordersOf(user.uid)).toEqual([]);
    expect(bench.stripe.requests()).toEqual([]);
    expect(questions()).toHaveLength(1);
  });

  test('is told so when its balance was refused before, without another question', async () => {
    const user = await customer();
    expect((await bench.ask(user)).status).toBe(200);
    retail().failFor(user.uid, 403);
    const headers = { authorization: `Bearer ${user.token}` };
    const answer = await bench.send('app-getBalance', { method: 'GET', headers });
    expect(inBrief(answer)).toEqual([403, 'AccountOnHoldException']);
    const asked = questions().length;
    expect(inBrief(await bench.ask(user))).toEqual([403, 'AccountOnHoldException']);
    expect(questions()).toHaveLength(asked);
  });

  test('is told so when a payment was refused before', async () => {
    const user = await customer();
    const id = await bench.ordered(user);
    retail().failFor(user.uid, 403);
    bench.stripe.confirm(id);
    expect((await bench.status(user, id)).body).toEqual({ status: 'paid' });
    expect(inBrief(await bench.ask(user))).toEqual([403, 'AccountOnHoldException']);
  });
});

describe('an account that is not on hold', () => {
  test('is asked about once, however many orders it places', async () => {
    const user = await customer();
    for (let n = 0; n < 3; n += 1) await bench.ordered(user);
    expect(questions()).toHaveLength(1);
  });

  test('may be unknown to the Retail API', async () => {
    await bench.ordered(await bench.signIn());
  });
});

describe('a Retail API that says nothing of a hold keeps no order back', () => {
  test.each([
    [
      'down',
      () => {
        retail().down(true);
      },
    ],
    [
      'answering 401',
      () => {
        retail().nextOf('balance', { status: 401 });
      },
    ],
    [
      'answering 429',
      () => {
        retail().nextOf('balance', { status: 429 });
      },
    ],
    [
      'answering with a page',
      () => {
        retail().nextOf('balance', { status: 500, body: '<html>' });
      },
    ],
    [
      'hanging up',
      () => {
        retail().nextOf('balance', { drop: true });
      },
    ],
  ])('when it is %s', async (_name, break_) => {
    const user = await customer();
    break_();
    expect((await bench.ask(user)).status).toBe(200);
  });

  test('when it does not answer: the order waits for a second', async () => {
    const user = await customer();
    retail().hang(true);
    const started = performance.now();
    expect((await bench.ask(user)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(900);
    const again = performance.now();
    expect((await bench.ask(user)).status).toBe(200);
    expect(performance.now() - again).toBeLessThan(900);
    retail().hang(false);
  });
});

test('no call but one that places an order asks', async () => {
  const user = await customer();
  await bench.status(user, 'pi_1');
  expect(questions()).toEqual([]);
  expect(CREATE).toBe('stripe-getPaymentIntent');
});

test('the log has no other fields than its list allows', expectAllowedFields);
