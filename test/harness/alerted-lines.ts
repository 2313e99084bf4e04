import { misrouted } from './alerted.ts';
import { collected } from './log.ts';

// Whatever a test is about: a line of the log that calls for a person sets off exactly one policy of
// monitoring/, and no other line sets off any.
afterAll(() => {
  const lines = [...new Set(misrouted(collected()))];
  if (lines.length > 0) throw new Error(`no policy, or more than one:\n${lines.join('\n')}`);
});
