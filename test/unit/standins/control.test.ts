import { remote, serveControl } from '../../standins/control.ts';
import type { Remote } from '../../standins/control.ts';
import type { Listener } from '../../standins/http.ts';

interface Calculator {
  add(a: number, b?: number): number;
  later(value: string): Promise<string>;
  fail(): never;
  nothing(): void;
}

let listener: Listener;
let calculator: Remote<Calculator>;

beforeAll(async () => {
  const target: Calculator & { secret: string } = {
    secret: 'a field',
    add: (a, b = 1) => a + b,
    later: (value) => Promise.resolve(value),
    fail: () => {
      throw new Error('cannot');
    },
    nothing: () => undefined,
  };
  listener = await serveControl(target);
  calculator = remote<Calculator>(`${listener.origin}/`);
});

afterAll(() => listener.stop());

test('methods answer with their result', async () => {
  await expect(calculator.add(1, 2)).resolves.toBe(3);
  await expect(calculator.add(1, undefined)).resolves.toBe(2);
  await expect(calculator.later('x')).resolves.toBe('x');
  await expect(calculator.nothing()).resolves.toBeUndefined();
});

test('an error arrives with its message', async () => {
  await expect(calculator.fail()).rejects.toThrow('cannot');
});

test('awaiting the client itself does not call it', async () => {
  await expect(Promise.resolve(calculator)).resolves.toBe(calculator);
});

test.each(['secret', 'toString', 'constructor', '__proto__', 'none'])(
  '%s cannot be reached',
  async (name) => {
    const response = await fetch(`${listener.origin}/_control/${name}`, { method: 'POST' });
    expect(response.status).toBe(404);
  },
);

test('only POST with an array of arguments', async () => {
  const url = `${listener.origin}/_control/add`;
  expect((await fetch(url)).status).toBe(404);
  expect((await fetch(url, { method: 'POST', body: '{"a":1}' })).status).toBe(400);
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(400);
});

test('a taken port is named', async () => {
  await expect(serveControl({}, listener.port)).rejects.toThrow(`port ${listener.port} is taken`);
});
