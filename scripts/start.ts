import { runStack } from './stack/run.ts';
import { tellStory } from './story/story.ts';

await runStack(tellStory, { stay: !process.argv.includes('--once') });
