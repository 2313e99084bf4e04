/**
 * The body of an answer, taken for what it is said to be.
 * @template T
 * @param {Response} response
 * @returns {Promise<T>}
 */
export async function jsonOf(response) {
  /** @type {unknown} */
  const body = await response.json();
  return /** @type {T} */ (body);
}
