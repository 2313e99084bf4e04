/** Whether everything wanted is found; more may be. Numbers come back as texts, null as nothing. */
export function isAsIn(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return textOf(wanted) === textOf(found);
  if (typeof found !== 'object' || found === null) return false;
  const fields = found as Record<string, unknown>;
  return Object.entries(wanted).every(([key, value]) => isAsIn(value, fields[key]));
}

function textOf(value: unknown): string {
  return typeof value === 'number'
    ? String(value)
    : JSON.stringify(value ?? '').replaceAll('"', '');
}
