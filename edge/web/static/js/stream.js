/**
 * The daemon's events, for as long as the page is open.
 *
 * A dead link looks exactly like a quiet one, so the daemon sends a heartbeat every 10 s; after 25 s without a word we
 * open a new stream and name the last id we saw, and the daemon tells what we missed.
 */

/** After so long without a word the link is dead, and what it last said is old. */
export const SILENT_MS = 25_000;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 10_000];

/** @typedef {'connecting' | 'online' | 'reconnecting'} Link */

export class Stream {
  #kinds;
  #hear;
  #tellLink;
  /** @type {EventSource | null} */
  #source = null;
  #last = '';
  #heard = performance.now();
  #opened = performance.now();
  #failures = 0;
  /** @type {Link} */
  #link = 'connecting';
  /** @type {number | undefined} */
  #retry;

  /**
   * @param {string[]} kinds
   * @param {(kind: string, data: any) => void} hear
   * @param {(link: Link) => void} tellLink
   */
  constructor(kinds, hear, tellLink) {
    this.#kinds = kinds;
    this.#hear = hear;
    this.#tellLink = tellLink;
  }

  /** Opens the stream and keeps it open. */
  start() {
    setInterval(() => this.#watch(), 1_000);
    addEventListener('online', () => this.#open());
    addEventListener('pagehide', () => this.#source?.close());
    addEventListener('pageshow', (event) => event.persisted && this.#open());
    this.#open();
  }

  /** @returns {number} milliseconds since the daemon was last heard */
  get silence() {
    return performance.now() - this.#heard;
  }

  #open() {
    clearTimeout(this.#retry);
    this.#source?.close();
    const query = new URLSearchParams({ kinds: this.#kinds.join(',') });
    if (this.#last) query.set('last', this.#last);
    const source = new EventSource(`/api/events?${query}`);
    source.onerror = () => this.#failed(source);
    for (const kind of this.#kinds) source.addEventListener(kind, (event) => this.#arrived(source, kind, event));
    this.#source = source;
    this.#opened = performance.now();
  }

  /**
   * @param {EventSource} source
   * @param {string} kind
   * @param {MessageEvent} event
   */
  #arrived(source, kind, event) {
    if (source !== this.#source) return;
    this.#heard = performance.now();
    this.#failures = 0;
    if (event.lastEventId) this.#last = event.lastEventId;
    this.#hear(kind, JSON.parse(event.data));
    this.#say('online');
  }

  /** @param {EventSource} source the browser tries again by itself unless it has closed the source for good */
  #failed(source) {
    if (source !== this.#source) return;
    this.#say('reconnecting');
    if (source.readyState !== EventSource.CLOSED) return;
    const pause = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), pause * (0.5 + Math.random() / 2));
  }

  #watch() {
    if (Math.min(this.silence, performance.now() - this.#opened) < SILENT_MS) return;
    this.#say('reconnecting');
    this.#open();
  }

  /** @param {Link} link */
  #say(link) {
    if (link === this.#link) return;
    this.#link = link;
    this.#tellLink(link);
  }
}
