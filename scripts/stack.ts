import { runStack } from './stack/run.ts';

await runStack(undefined, { stay: true });
