import { isIP } from 'node:net';
import { z } from 'zod';
import { Misconfigured } from '../errors';

/** The variables of the process by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a part of the configuration. @throws Misconfigured with the names of what is missing or wrong. */
export type ConfigReader = (environment?: Environment) => unknown;

/**
 * Reads variables through a schema.
 * @throws Misconfigured with the names of missing and malformed variables, never a value.
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment = process.env,
): z.output<Schema> {
  const given = Object.entries(environment).filter(([, value]) => value?.trim());
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new Misconfigured(`Configuration: ${faults.join('; ')}`);
}

const missing = { error: (issue: { input?: unknown }) => fault(issue.input) };

function fault(input: unknown, expected = 'is malformed'): string {
  return input === undefined ? 'is missing' : expected;
}

/** A required text. An unbound secret reads as an empty string, which counts as missing. */
export const required = z.string(missing).trim().min(1, 'is missing');

/** Several values, comma-separated. */
export const list = z.string(missing).transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** Several values, at least one. */
export const requiredList = list.refine((items) => items.length > 0, 'is missing');

/** Addresses that a gateway calls from; they are compared as texts. */
export const sourceAddresses = list.refine((items) => items.every((item) => isIP(item) !== 0), {
  error: 'must be IP addresses',
});

/**
 * Origins exactly as browsers send them, because they are compared as texts: another spelling (a
 * slash at the end, a path, capitals, a wildcard) would never match.
 */
export const origins = list.refine((items) => items.every(isOrigin), {
  error: 'must be origins, such as https://app.example.com',
});

function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Exactly `true` or `false`. */
export const flag = z
  .enum(['true', 'false'], { error: (issue) => fault(issue.input, 'must be true or false') })
  .transform((text) => text === 'true');

export function wholeNumber(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string(missing)
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message);
}

export const address = z.url({
  protocol: /^https?$/,
  error: (issue) => fault(issue.input, 'must be an http(s) address'),
});
