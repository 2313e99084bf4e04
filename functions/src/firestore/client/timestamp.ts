const MS = 1000;
const NANOS_PER_MS = 1_000_000;

/** A time as Firestore keeps it: to the microsecond, in nanoseconds on the wire. */
export class Timestamp {
  /** Since 1970, rounded down. */
  readonly seconds: number;
  /** Within the second, from 0 to 999,999,999. */
  readonly nanoseconds: number;

  constructor(seconds: number, nanoseconds: number) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  /** @throws RangeError for an invalid date. */
  static fromDate(date: Date): Timestamp {
    return Timestamp.fromMillis(date.getTime());
  }

  /** @throws RangeError for a number that is no time. */
  static fromMillis(ms: number): Timestamp {
    if (!Number.isFinite(ms)) throw new RangeError('A time must be a number of milliseconds.');
    const seconds = Math.floor(ms / MS);
    return new Timestamp(seconds, Math.floor((ms - seconds * MS) * NANOS_PER_MS));
  }

  /**
   * Reads RFC 3339 in UTC, as Google's APIs write it: `2026-01-02T03:04:05.123456789Z`.
   * @throws RangeError for any other text.
   */
  static parse(text: string): Timestamp {
    const [whole, second = '', fraction = ''] = /^([^.Z]+)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
    const ms = whole === undefined ? Number.NaN : Date.parse(`${second}Z`);
    if (Number.isNaN(ms)) throw new RangeError(`Not a time: ${text.slice(0, 40)}`);
    return new Timestamp(ms / MS, Number(fraction.padEnd(9, '0')));
  }

  toDate(): Date {
    return new Date(this.toMillis());
  }

  /** Whole milliseconds, rounded down. */
  toMillis(): number {
    return this.seconds * MS + Math.floor(this.nanoseconds / NANOS_PER_MS);
  }

  isEqual(other: Timestamp): boolean {
    return this.seconds === other.seconds && this.nanoseconds === other.nanoseconds;
  }

  /** As `parse` reads it. */
  toString(): string {
    const second = new Date(this.seconds * MS).toISOString().slice(0, -5);
    return `${second}.${String(this.nanoseconds).padStart(9, '0')}Z`;
  }
}
