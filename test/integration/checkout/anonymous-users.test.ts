import { randomUUID } from 'node:crypto';
import { Bench, expectAllowedFields, inBrief } from './bench.ts';

const bench = new Bench({ ANONYMOUS_USERS_MAY_PAY: 'false' });

describe('a deployment that takes no orders of anonymous users', () => {
  test('tells them to sign up, and stores no order', async () => {
    const user = await bench.signIn();
    expect(inBrief(await bench.ask(user))).toEqual([403, 'AnonymousUserException']);
    expect(await bench.ordersOf(user.uid)).toEqual([]);
    expect(bench.stripe.requests()).toEqual([]);
  });

  test('answers them where nothing is ordered', async () => {
    expect(inBrief(await bench.status(await bench.signIn(), 'pi_1'))).toEqual([
      404,
      'NotFoundException',
    ]);
  });

  test('takes the orders of others', async () => {
    const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    const { uid } = await bench.account('signUp', credentials);
    await bench.auth.updateUser(uid, { emailVerified: true });
    const user = await bench.account('signInWithPassword', credentials);
    expect((await bench.ask(user)).status).toBe(200);
  });
});

test('the log has no other fields than its list allows', expectAllowedFields);
