import { once } from '../../functions/src/once.ts';

test('callers at once and later share one opening', async () => {
  const open = jest.fn(async () => ({}));
  const opened = once(open);
  expect(open).not.toHaveBeenCalled();
  const [first, second] = await Promise.all([opened(), opened()]);
  expect(second).toBe(first);
  expect(await opened()).toBe(first);
  expect(open).toHaveBeenCalledTimes(1);
});

test('undefined is kept as well', async () => {
  const open = jest.fn(() => undefined);
  const opened = once(open);
  await opened();
  await opened();
  expect(open).toHaveBeenCalledTimes(1);
});

test.each([
  ['an asynchronous', async (): Promise<never> => Promise.reject(new Error('not yet'))],
  [
    'a synchronous',
    (): never => {
      throw new Error('not yet');
    },
  ],
])('%s failure reaches all who wait, and is not remembered', async (_name, fail) => {
  const open = jest.fn<number | Promise<number>, []>(() => 7).mockImplementationOnce(fail);
  const opened = once(open);
  const waiting = await Promise.allSettled([opened(), opened()]);
  expect(waiting).toMatchObject([
    { reason: { message: 'not yet' } },
    { reason: { message: 'not yet' } },
  ]);
  expect(open).toHaveBeenCalledTimes(1);
  await expect(opened()).resolves.toBe(7);
  await expect(opened()).resolves.toBe(7);
  expect(open).toHaveBeenCalledTimes(2);
});
