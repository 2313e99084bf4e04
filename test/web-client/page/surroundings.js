import { jsonOf } from './json.js';

/** @type {import('../surroundings.ts').Surroundings} */
export const surroundings = await jsonOf(await fetch('/surroundings.json'));
