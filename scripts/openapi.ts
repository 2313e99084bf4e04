import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { documentOf, textOf, type Deployed } from './openapi/document.ts';

// The functions as they are built; this runs on them, not on their sources.
const load = createRequire(import.meta.url);
const groups = load('../functions/lib/index.js') as Deployed['groups'];
const errors = load('../functions/lib/errors.js') as Deployed['errors'];

writeFileSync('docs/openapi.json', await textOf(documentOf({ groups, errors })));
console.log('docs/openapi.json');
