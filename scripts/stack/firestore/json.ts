/** Fields of Firestore's messages that are times: text in JSON, seconds and nanoseconds in gRPC. */
const times = new Set(['commitTime', 'createTime', 'readTime', 'timestampValue', 'updateTime']);

interface Time {
  readonly seconds?: string;
  readonly nanos?: number;
}

/**
 * A request as JSON has it, as gRPC takes it. A field of a document may have any name, but its value is an
 * object there, so it is not taken for a field of a message.
 */
export function fromJson(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => fromJson(one));
  if (value === null) return name === 'nullValue' ? 'NULL_VALUE' : null;
  if (typeof value === 'string' && times.has(name)) return toTime(value);
  if (typeof value === 'number' && name === 'limit') return { value };
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromJson(one, key)]));
}

/** An answer of gRPC, as JSON has it. */
export function toJson(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => toJson(one));
  if (value === 'NULL_VALUE' && name === 'nullValue') return null;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (times.has(name) && Object.keys(value).every((key) => ['seconds', 'nanos'].includes(key))) {
    return toText(value);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one, key)]));
}

function toTime(text: string): Time {
  const [, second = '', fraction = ''] = /^([^.Z]+)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
  return {
    seconds: String(Date.parse(`${second}Z`) / 1000),
    nanos: Number(fraction.padEnd(9, '0')),
  };
}

/** Google writes no fraction where there is none, and else as many digits as are needed, by threes. */
function toText({ seconds = '0', nanos = 0 }: Time): string {
  const second = new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
  const fraction = String(nanos)
    .padStart(9, '0')
    .replace(/(000)+$/, '');
  return fraction === '' ? `${second}Z` : `${second}.${fraction}Z`;
}
