import { listen, type Call, type Listener, type Reply } from '../standins/http.ts';

/** An answer of the API in JSON, and the request that it answered, in words. */
export interface Answer {
  readonly request: string;
  readonly body: Buffer;
}

/** Stands between a gateway and its stand-in: it passes everything on, and may replace one answer. */
export class Twister {
  readonly #target: string;
  #listener: Listener | undefined;
  /** The answers in JSON so far, but for access tokens and keys. */
  readonly answers: Answer[] = [];
  /** Takes the place of the answers to the same request. */
  twisted: Answer | undefined;

  private constructor(target: string) {
    this.#target = target;
  }

  /** @param target the origin of the stand-in. */
  static async before(target: string): Promise<Twister> {
    const twister = new Twister(target);
    twister.#listener = await listen((call) => twister.#pass(call));
    return twister;
  }

  get origin(): string {
    return this.#listener?.origin ?? '';
  }

  async stop(): Promise<void> {
    await this.#listener?.stop();
  }

  async #pass({ method, path, query, headers, body }: Call): Promise<Reply> {
    const rest = new Headers(headers as Record<string, string>);
    for (const name of ['host', 'connection', 'content-length']) rest.delete(name);
    const url = `${this.#target}${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
    const passed = await fetch(url, {
      method,
      headers: rest,
      ...(body !== '' && { body }),
    });
    const text = await passed.text();
    const request = `${method} ${path}`;
    const isJson = text.startsWith('{') || text.startsWith('[');
    if (isJson && !/(token|certs)$/.test(path))
      this.answers.push({ request, body: Buffer.from(text) });
    const contentType = passed.headers.get('content-type') ?? 'application/json';
    const isTwisted = this.twisted?.request === request;
    return {
      status: passed.status,
      headers: { 'content-type': contentType },
      body: isTwisted ? this.twisted?.body.toString() : text,
    };
  }
}
