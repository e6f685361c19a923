/** What the estimate of a ticket rests on: asked of the daemon when its row is opened, and again while it stays open. */

import { t, words } from './i18n.js';

/** How long an answer stands before the daemon is asked anew. */
const GOOD_MS = 10_000;

/** @typedef {{ text: import('./i18n.js').Words | null, asked: number, failed: boolean }} Answer */

export class Explainer {
  /** @type {Map<string, Answer>} the open rows, by ticket */
  #open = new Map();
  /** @type {() => void} */
  #changed;

  /** @param {() => void} changed called when there is something new to show */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {string} ticket */
  toggle(ticket) {
    if (this.#open.delete(ticket)) return;
    this.#open.set(ticket, { text: null, asked: -Infinity, failed: false });
    this.refresh();
  }

  /** @param {string} ticket whether its row is open */
  isOpen(ticket) {
    return this.#open.has(ticket);
  }

  /** @param {string} ticket the line of an open row */
  line(ticket) {
    const answer = this.#open.get(ticket);
    if (!answer) return '';
    if (answer.failed) return t('explain.failed');
    return answer.text ? words(answer.text) : t('explain.asking');
  }

  /** @param {Iterable<string>} waiting rows of tickets that wait no more are gone */
  keepOnly(waiting) {
    const known = new Set(waiting);
    for (const ticket of this.#open.keys()) if (!known.has(ticket)) this.#open.delete(ticket);
  }

  /** Asks for the open rows whose answer is old. */
  refresh() {
    for (const [ticket, answer] of this.#open) {
      if (performance.now() - answer.asked < GOOD_MS) continue;
      answer.asked = performance.now();
      this.#ask(ticket, answer);
    }
  }

  /**
   * @param {string} ticket
   * @param {Answer} answer
   */
  async #ask(ticket, answer) {
    try {
      const found = await fetch(`/api/explain?ticket=${encodeURIComponent(ticket)}`);
      answer.failed = !found.ok;
      if (found.ok) answer.text = (await found.json()).text;
    } catch {
      answer.failed = true;
    }
    this.#changed();
  }
}
