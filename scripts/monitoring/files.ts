import { readdirSync, readFileSync } from 'node:fs';
import type { Json } from '../google/client.ts';

const FOLDER = 'monitoring';

/** What the files leave open, as `{{name}}`: the project and the address of `app-health`. */
export interface Place {
  readonly project: string;
  readonly host: string;
  readonly path: string;
  /** The id of the uptime check; the policies are brought up after it. */
  readonly check?: string;
}

/** All that is brought up, as Google's APIs take it. */
export interface Monitoring {
  readonly metrics: readonly Json[];
  readonly uptime: Json;
  readonly policies: readonly Json[];
  readonly dashboard: Json;
}

export function readMonitoring(place: Place): Monitoring {
  const read = (path: string) => {
    const text = readFileSync(`${FOLDER}/${path}`, 'utf8');
    const filled = text.replaceAll(
      /\{\{(\w+)\}\}/g,
      (open, name) => place[name as keyof Place] ?? open,
    );
    return JSON.parse(filled) as Json;
  };
  const all = (folder: string) =>
    readdirSync(`${FOLDER}/${folder}`)
      .toSorted()
      .map((name) => read(`${folder}/${name}`));
  return {
    metrics: all('metrics'),
    uptime: read('uptime.json'),
    policies: all('policies'),
    dashboard: read('dashboard.json'),
  };
}
