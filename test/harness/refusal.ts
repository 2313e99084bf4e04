import { Misconfigured } from '../../functions/src/errors.ts';

/** The message of a refused configuration; throws unless it is refused as `Misconfigured`. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Misconfigured);
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}
