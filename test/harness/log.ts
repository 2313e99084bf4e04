declare global {
  var logLines: string[] | undefined;
}

/** Every line logged in this test file, oldest first; kept where a module reset does not reach. */
export function collected(): string[] {
  globalThis.logLines ??= [];
  return globalThis.logLines;
}

/** The lines logged from now on, each a JSON object. */
export function logFromNow(): () => string[] {
  const start = collected().length;
  return () => collected().slice(start);
}
