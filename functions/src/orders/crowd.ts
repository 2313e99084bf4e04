/**
 * The orders that this process is placing at the moment. A flood of one user is turned away here,
 * before it reaches Firestore: as many as the limit are under way, and no more could pass.
 */
export class Crowd {
  readonly #limit: number;
  /** By uid: the requests under way, and how many calls have each. */
  readonly #underWay = new Map<string, Map<unknown, number>>();

  /** @param limit of different requests of one user. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Does the work of a request unless too many of its user are under way.
   * @param request equal for calls that repeat one request: they come in together.
   * @returns undefined when the request is turned away.
   */
  async admit<T>(uid: string, request: unknown, work: () => Promise<T>): Promise<T | undefined> {
    const own = this.#underWay.get(uid) ?? new Map<unknown, number>();
    const calls = own.get(request) ?? 0;
    if (calls === 0 && own.size >= this.#limit) return undefined;
    this.#underWay.set(uid, own.set(request, calls + 1));
    try {
      return await work();
    } finally {
      const left = (own.get(request) ?? 1) - 1;
      if (left > 0) own.set(request, left);
      else own.delete(request);
      if (own.size === 0) this.#underWay.delete(uid);
    }
  }
}
