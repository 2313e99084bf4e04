import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { retryUnsynced } from '../../../functions/src/sync/index.ts';
import { openPipeline } from '../../../functions/src/pipeline.ts';
import { logFromNow } from '../../harness/log.ts';

jest.mock('../../../functions/src/pipeline.ts');

const SECRET = 'canary-of-a-secret';

// A library's message may quote what it was given, and theirs logs the message as it is.
test('a run that fails is counted by the platform, and logged in our words only', async () => {
  jest.mocked(openPipeline).mockRejectedValue(new TypeError(`no use for ${SECRET}`));
  http('schedule', retryUnsynced as unknown as Parameters<typeof http>[1]);
  const server = getTestServer('schedule').listen(0, '127.0.0.1');
  await once(server, 'listening');
  const logged = logFromNow();
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST' });
  server.close();

  expect(response.status).toBe(500);
  const text = logged().join('\n');
  expect(text + (await response.text())).not.toContain(SECRET);
  const [line] = logged().filter((one) => one.includes('unexpected error'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({
    severity: 'ERROR',
    error: 'TypeError',
    function: 'sync-retryUnsynced',
  });
});
