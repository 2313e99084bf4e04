/** A decoded form: bracketed keys become nested forms, as in `metadata[uid]` or `expand[0]`. */
export interface Form {
  [key: string]: string | Form;
}

/** Decodes `application/x-www-form-urlencoded` text, or a query, with bracketed keys. */
export function parseForm(source: string | URLSearchParams): Form {
  const form = emptyForm();
  for (const [key, value] of new URLSearchParams(source)) put(form, pathOf(key), value);
  return form;
}

/** The text under `key`; undefined when absent or nested. */
export function textIn(form: Form, key: string): string | undefined {
  const value = form[key];
  return typeof value === 'string' ? value : undefined;
}

/** The form under `key`; empty when absent. */
export function formIn(form: Form, key: string): Form {
  const value = form[key];
  return typeof value === 'object' ? value : emptyForm();
}

/** The texts of a list such as `expand[0]=a&expand[1]=b`. */
export function listIn(form: Form, key: string): string[] {
  return Object.values(formIn(form, key)).filter((value) => typeof value === 'string');
}

function emptyForm(): Form {
  // Without a prototype, so that a key such as `__proto__` is a key like any other.
  return Object.create(null) as Form;
}

function pathOf(key: string): string[] {
  const bracket = key.indexOf('[');
  if (bracket <= 0) return [key];
  const inner = [...key.slice(bracket).matchAll(/\[([^\]]*)\]/g)];
  return [key.slice(0, bracket), ...inner.map((match) => match[1] ?? '')];
}

function put(form: Form, path: readonly string[], value: string): void {
  const [first = '', ...rest] = path;
  const key = first === '' ? String(Object.keys(form).length) : first;
  if (rest.length === 0) {
    form[key] = value;
    return;
  }
  const existing = form[key];
  const inner = typeof existing === 'object' ? existing : emptyForm();
  form[key] = inner;
  put(inner, rest, value);
}
