import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { listen, type Handler, type Listener, type Reply } from '../standins/http.ts';
import { seeOther } from '../standins/page.ts';
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

/**
 * Lets a user buy a product in a store, as a phone does; resolves to the fields that its app sends to
 * `<store>-createTransaction`. Undefined where there is no such store.
 */
export type Buy = (store: string, productId: string, uid: string) => Promise<object | undefined>;

/** Serves the page; port 0 picks a free one. */
export function startWebClient(
  surroundings: Surroundings,
  port: number,
  solve: Solve,
  buy: Buy,
): Promise<Listener> {
  return listen(serve(surroundings, solve, buy), port);
}

function serve(surroundings: Surroundings, solve: Solve, buy: Buy): Handler {
  return async ({ method, path, query, body }) => {
    if (method === 'POST' && path === '/recaptcha') {
      return { status: 200, body: { token: await solve(query.get('action') ?? '') } };
    }
    if (method === 'POST' && path === '/purchase') {
      const of = (name: string) => query.get(name) ?? '';
      const bought = await buy(of('store'), of('product'), of('uid'));
      return bought === undefined ? { status: 404, body: {} } : { status: 200, body: bought };
    }
    if (method === 'POST' && path === '/') return backFromPost(query, new URLSearchParams(body));
    if (method !== 'GET') return { status: 405 };
    if (path === '/surroundings.json') return { status: 200, body: surroundings };
    const file = fileOf(path);
    if (file === undefined) return { status: 404, body: 'not found' };
    const headers = { 'content-type': TYPES[extname(file)] ?? '', 'cache-control': 'no-store' };
    return { status: 200, headers, body: await readFile(file, 'utf8') };
  };
}

/**
 * WayForPay has the buyer's browser post the result. It is for the eye only: the page shows a payment
 * as made when the balance has it.
 */
function backFromPost(query: URLSearchParams, result: URLSearchParams): Reply {
  const outcome = result.get('transactionStatus') === 'Approved' ? 'paid' : 'left';
  const back = new URLSearchParams({ gateway: query.get('gateway') ?? '', outcome });
  return seeOther(`/?${back.toString()}`);
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
