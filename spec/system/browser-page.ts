import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { chromium, chromiumFlags } from './chromium.js';
import { type Endings, temporaryDirectory } from './endings.js';

/** How long the browser may take to answer, in milliseconds. */
const answerMsMax = 30_000;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/**
 * A file in a browser of its own, which is driven over the pipe of the Chrome DevTools protocol
 * (chromedevtools.github.io/devtools-protocol): fd 3 takes and fd 4 gives JSON messages with a NUL behind each.
 */
export class BrowserPage {
  /** What the browser complains about: exceptions, and what the page's policy forbids. */
  readonly complaints: string[] = [];
  readonly #input: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #events = new Map<string, () => void>();
  #session: string | undefined;
  #messages = 0;
  #rest = '';

  private constructor(child: ChildProcess) {
    this.#input = child.stdio[3] as Writable;
    const output = child.stdio[4] as Readable;
    output.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    // It may be killed before it has read everything.
    this.#input.on('error', () => {});
  }

  /** Resolves when the file is loaded. The window has `width` by `height` pixels. */
  static async open(endings: Endings, file: string, { width = 1200, height = 800 } = {}): Promise<BrowserPage> {
    const profile = temporaryDirectory(endings);
    const flags = [...chromiumFlags(profile), '--remote-debugging-pipe', `--window-size=${width},${height}`];
    const child = spawn(await chromium(), [...flags, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const page = new BrowserPage(child);
    endings.add(() => page.#close(child));
    const { targetId } = await page.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await page.#ask('Target.attachToTarget', { targetId, flatten: true });
    page.#session = String(sessionId);
    for (const domain of ['Page', 'Runtime', 'Log']) await page.#ask(`${domain}.enable`);
    const loaded = new Promise<void>((resolve) => page.#events.set('Page.loadEventFired', resolve));
    await page.#ask('Page.navigate', { url: pathToFileURL(file).href });
    await loaded;
    return page;
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Presses and releases a key, as a keyboard would. */
  async press(key: string): Promise<void> {
    const text = key.length === 1 ? { text: key } : {};
    await this.#ask('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text });
    await this.#ask('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }

  async click(x: number, y: number): Promise<void> {
    await this.#mouse('mousePressed', x, y, { button: 'left', clickCount: 1 });
    await this.#mouse('mouseReleased', x, y, { button: 'left', clickCount: 1 });
  }

  async drag(from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
    await this.#mouse('mousePressed', from.x, from.y, { button: 'left', clickCount: 1 });
    await this.#mouse('mouseMoved', to.x, to.y, { button: 'left', buttons: 1 });
    await this.#mouse('mouseReleased', to.x, to.y, { button: 'left', clickCount: 1 });
  }

  async wheel(x: number, y: number, deltaY: number): Promise<void> {
    await this.#mouse('mouseWheel', x, y, { deltaX: 0, deltaY });
  }

  /** Closed in order, the browser has ended its own processes, which else would go on writing to its profile. */
  async #close(child: ChildProcess): Promise<void> {
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      this.#session = undefined;
      await this.#ask('Browser.close').catch(() => child.kill('SIGKILL'));
      await ended;
    }
  }

  async #mouse(type: string, x: number, y: number, more: Record<string, unknown>): Promise<void> {
    await this.#ask('Input.dispatchMouseEvent', { type, x, y, ...more });
  }

  #ask(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    this.#messages += 1;
    const id = this.#messages;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.#input.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the browser did not answer ${method}`)), answerMsMax);
      this.#waiting.set(id, ({ result, error }) => {
        clearTimeout(late);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
    });
  }

  #take(text: string): void {
    const messages = `${this.#rest}${text}`.split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) this.#handle(JSON.parse(message) as Answer);
  }

  #handle(answer: Answer): void {
    if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    else if (answer.method === 'Runtime.exceptionThrown' || answer.method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(answer.params));
    } else if (answer.method !== undefined) this.#events.get(answer.method)?.();
  }
}
