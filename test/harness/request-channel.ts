import diagnostics from 'node:diagnostics_channel';

/*
 * A file that loads the deployed functions guards every request of its process: `http/body-limit.ts`.
 * Files that the same worker runs later would meet the guard of a file that is over.
 */
const NAME = 'http.server.request.start';
const subscribed: diagnostics.ChannelListener[] = [];
const subscribe = diagnostics.subscribe.bind(diagnostics);

diagnostics.subscribe = (name, listener) => {
  if (name === NAME) subscribed.push(listener);
  subscribe(name, listener);
};

afterAll(() => {
  diagnostics.subscribe = subscribe;
  for (const listener of subscribed) diagnostics.unsubscribe(NAME, listener);
});
