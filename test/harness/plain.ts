/** Printed text with names in place of ids, and `<time>` in place of times, line by line. */
export function plain(text: string, names: Readonly<Record<string, string>>): string[] {
  const named = Object.entries(names).reduce((one, [id, name]) => one.replaceAll(id, name), text);
  return named
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d( UTC)?/g, '<time>')
    .split('\n')
    .map((line) => line.replaceAll(/ {2,}/g, '  ').trim())
    .filter((line) => line !== '');
}
