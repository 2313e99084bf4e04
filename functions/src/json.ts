/**
 * Parses JSON. Undefined for a text that is not JSON. Half of a surrogate pair, which an escape can
 * bring and Firestore does not take, becomes U+FFFD.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, wellFormed);
  } catch {
    return undefined;
  }
}

/**
 * Parses JSON and keeps each number as the text it was written as: a signature covers `12.50`,
 * and money never becomes a floating-point number. Undefined for a text that is not JSON.
 */
export function parseLiterals(text: string): unknown {
  try {
    return JSON.parse(text, literal);
  } catch {
    return undefined;
  }
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

function literal(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value;
}
