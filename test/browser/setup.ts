import bringUpStack from '../integration/setup.ts';
import { findChromium } from './chromium.ts';

/** No stack is brought up for tests that are skipped. */
export default async function setUp(): Promise<void> {
  if (findChromium() !== undefined) await bringUpStack();
}
