import type { Reply } from './http.ts';

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem }
button { font: inherit; padding: 0.5rem 1rem; margin-right: 0.5rem; cursor: pointer }
.amount { font-size: 2rem; margin: 0.5rem 0 }`;

/** A page of a stand-in, for the buyer's browser. `body` is HTML: values in it come from `html`. */
export function page(title: string, body: string): Reply {
  const head = `<meta charset="utf-8"><link rel="icon" href="data:,"><style>${STYLE}</style>`;
  const text = html`<title>${title}</title>
    <h1>${title}</h1>`;
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  return { status: 200, headers, body: `<!doctype html><html lang="en">${head}${text}${body}` };
}

/** Sends the browser on, with a GET. */
export function seeOther(location: string): Reply {
  return { status: 303, headers: { location } };
}

/** A template whose values are shown as text, whatever they hold. */
export function html(strings: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: strings }, ...values.map(escaped));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
