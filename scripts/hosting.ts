import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { aliases } from './hosting/aliases.ts';
import { rewritesOf } from './hosting/rewrites.ts';
import { textOf, type Deployed } from './openapi/document.ts';

// The functions as they are built; this runs on them, not on their sources.
const groups = createRequire(import.meta.url)('../functions/lib/index.js') as Deployed['groups'];

const FILE = 'firebase.json';
const config = JSON.parse(readFileSync(FILE, 'utf8')) as { hosting: object };
const hosting = { ...config.hosting, rewrites: rewritesOf(groups, aliases) };
writeFileSync(FILE, await textOf({ ...config, hosting }));
console.log(FILE);
