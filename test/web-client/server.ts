import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { listen, type Handler, type Listener } from '../standins/http.ts';
import type { Surroundings } from './surroundings.ts';

const PAGE = resolve('test/web-client/page');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
};

/** Gives the page a token of reCAPTCHA for an action; an empty one where reCAPTCHA is off. */
export type Solve = (action: string) => Promise<string>;

/** Serves the page; port 0 picks a free one. */
export function startWebClient(
  surroundings: Surroundings,
  port = 0,
  solve: Solve = async () => '',
): Promise<Listener> {
  return listen(serve(surroundings, solve), port);
}

function serve(surroundings: Surroundings, solve: Solve): Handler {
  return async ({ method, path, query }) => {
    if (method === 'POST' && path === '/recaptcha') {
      return { status: 200, body: { token: await solve(query.get('action') ?? '') } };
    }
    if (method !== 'GET') return { status: 405 };
    if (path === '/surroundings.json') return { status: 200, body: surroundings };
    const file = fileOf(path);
    if (file === undefined) return { status: 404, body: 'not found' };
    const headers = { 'content-type': TYPES[extname(file)] ?? '', 'cache-control': 'no-store' };
    return { status: 200, headers, body: await readFile(file, 'utf8') };
  };
}

/** What the import map of the page names, and what that imports in turn. */
const MODULE =
  /^\/modules\/((@firebase\/(app|auth|component|logger|util)|idb)(\/[\w-][\w.-]*)+\.m?js)$/;

/** The page's own folder has no others in it. */
function fileOf(path: string): string | undefined {
  if (path === '/') return join(PAGE, 'index.html');
  if (/^\/[\w-]+\.(js|css)$/.test(path)) return join(PAGE, path);
  const module = MODULE.exec(path)?.[1];
  return module === undefined ? undefined : resolve('node_modules', module);
}
