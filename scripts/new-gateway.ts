import { writeGateway } from './new-gateway/write.ts';

try {
  const written = await writeGateway(process.argv[2] ?? '');
  console.log(written.join('\n'));
  console.log('\nNext: docs/adding-a-gateway.md; its tests say what to write.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
