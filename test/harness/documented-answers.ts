import { undocumented } from './document.ts';

// Whatever a test is about: an answer that docs/openapi.json does not know fails it.
const send = globalThis.fetch;
const faults: string[] = [];

globalThis.fetch = async (input, init) => {
  const response = await send(input, init);
  const { url, method } = input instanceof Request ? input : { url: input, method: 'GET' };
  const { status, headers } = response;
  const text = await response.clone().text();
  faults.push(...undocumented(new URL(url), init?.method ?? method, { status, headers, text }));
  return response;
};

function failOnFaults(): void {
  const found = new Set(faults.splice(0));
  if (found.size > 0) throw new Error([...found].join('\n'));
}

afterEach(failOnFaults);
afterAll(failOnFaults);
