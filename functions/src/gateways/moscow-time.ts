const DOTTED = /^(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d)(?::(\d\d))?$/;

/** `31.12.2026 23:59:59` as clocks in Moscow show it, UTC+3 all year; undefined for any other text. */
export function moscowTime(text: string): Date | undefined {
  const [, day, month, year, hours, minutes, seconds = '00'] = DOTTED.exec(text) ?? [];
  const at = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}+03:00`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
