import { mkdirSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { findChromium } from './chromium.ts';

/** Pictures of what was seen, for people; ignored by git. */
export const ARTIFACTS = '.stack/artifacts';

/** The machine's Chromium, without a window. Its sandbox does not work for root. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium() ?? '',
    chromiumSandbox: process.getuid?.() !== 0,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** Somebody in front of a browser of their own, and all that goes wrong in it. */
export class Visitor {
  readonly page: Page;
  readonly #context: BrowserContext;
  /** Answers that are errors as `status METHOD name`, and what the console shows in red. */
  readonly troubles: string[] = [];
  /** Everybody who was asked for something. */
  readonly hosts = new Set<string>();
  /** The Firebase ID token that the page has sent last. */
  token = '';

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    // A machine that is busy with something else is no failure.
    context.setDefaultTimeout(60_000);
    this.page = page;
    context.on('weberror', (error) => this.troubles.push(String(error.error())));
    context.on('console', (message) => {
      // An answer that is an error has its own entry.
      const isAnswer = message.text().startsWith('Failed to load resource: the server responded');
      if (message.type() === 'error' && !isAnswer) this.troubles.push(message.text());
    });
    context.on('requestfailed', (request) => {
      this.troubles.push(`${request.failure()?.errorText ?? ''} ${request.url()}`);
    });
    context.on('response', (response) => {
      if (response.status() < 400) return;
      const name = new URL(response.url()).pathname.split('/').at(-1) ?? '';
      this.troubles.push(`${response.status()} ${response.request().method()} ${name}`);
    });
    context.on('request', (request) => {
      if (/^https?:/.test(request.url())) this.hosts.add(new URL(request.url()).hostname);
      const token = /^Bearer (.+)$/.exec(request.headers()['authorization'] ?? '')?.[1];
      if (token !== undefined) this.token = token;
    });
  }

  static async arrive(browser: Browser, url: string, width = 800): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const visitor = new Visitor(context, await context.newPage());
    await visitor.page.goto(url);
    return visitor;
  }

  /** Who the token says it is. */
  get uid(): string {
    const [, payload = ''] = this.token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string };
    return claims.sub;
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Presses a button that opens a window; resolves to it. */
  async pressForWindow(name: string): Promise<Page> {
    const [opened] = await Promise.all([this.page.waitForEvent('popup'), this.press(name)]);
    return opened;
  }

  /** Presses a button that closes its window, which may be gone before the press is reported. */
  async pressToClose(window: Page, name: string): Promise<void> {
    const closed = window.waitForEvent('close');
    const pressed = window.getByRole('button', { name }).click();
    await pressed.catch((error: unknown) => {
      if (!window.isClosed()) throw error;
    });
    await closed;
  }

  async type(label: string, text: string): Promise<void> {
    await this.page.getByLabel(label).fill(text);
  }

  async choose(label: string, title: string): Promise<void> {
    await this.page.getByLabel(label).selectOption({ label: title });
  }

  /** Resolves once the page says it. */
  async isTold(text: string | RegExp): Promise<void> {
    const notice = this.page.locator('#notice');
    try {
      await notice.filter({ hasText: text }).waitFor();
    } catch (cause) {
      const said = (await notice.isVisible()) ? await notice.innerText() : 'nothing';
      const troubles = this.troubles.join('\n');
      throw new Error(`not told ${String(text)} but: ${said}\n${troubles}`, { cause });
    }
  }

  /** What stands in an element, once nothing is under way. */
  async reads(id: string): Promise<string> {
    await this.page.locator('body[aria-busy="false"]').waitFor();
    return this.page.locator(`#${id}`).innerText();
  }

  /** By how many pixels the page is wider than its window. */
  overflow(): Promise<number> {
    return this.page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
  }

  async takePicture(name: string): Promise<void> {
    mkdirSync(ARTIFACTS, { recursive: true });
    await this.page.screenshot({ path: `${ARTIFACTS}/${name}.png`, fullPage: true });
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }
}
