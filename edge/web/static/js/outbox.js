/**
 * What this device has to tell the daemon. An action is kept here until the daemon has answered it; every attempt carries
 * the same key, so that the daemon takes it once however often it arrives.
 */

const KEPT = 'lobby.outbox';
const RETRY_MS = 3_000;

/** @typedef {{ staff: string, role: string, action: string, target: string, detail: Record<string, string> }} Action */
/** @typedef {{ key: string, action: Action }} Letter */

export class Outbox {
  #changed;
  #refused;
  #busy = false;
  /** @type {number | undefined} */
  #retry;

  /**
   * @param {() => void} changed what waits has changed
   * @param {(why: { error: string, key?: string }) => void} refused the daemon will not do it, and says why
   */
  constructor(changed, refused) {
    this.#changed = changed;
    this.#refused = refused;
  }

  /** @param {Action} action */
  add(action) {
    keepLetters([...letters(), { key: newKey(), action }]);
    this.#changed();
    this.flush();
  }

  /**
   * The actions on a target that the daemon has not answered yet.
   * @param {string} target
   */
  pending(target) {
    return letters().filter(({ action }) => action.target === target).map(({ action }) => action);
  }

  /** Sends what waits, in order, for as long as the daemon answers. */
  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#retry);
    try {
      for (let letter = letters()[0]; letter; letter = letters()[0]) {
        if (!(await this.#send(letter))) {
          this.#retry = setTimeout(() => this.flush(), RETRY_MS);
          return;
        }
        keepLetters(letters().filter(({ key }) => key !== letter.key));
        this.#changed();
      }
    } finally {
      this.#busy = false;
    }
  }

  /**
   * @param {Letter} letter
   * @returns {Promise<boolean>} whether the daemon has answered, with yes or no
   */
  async #send({ key, action }) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
    try {
      const signal = AbortSignal.timeout(10_000);
      const answer = await fetch('/api/action', { method: 'POST', headers, body: JSON.stringify(action), signal });
      if (answer.status >= 500) return false;
      if (!answer.ok) this.#refused({ error: answer.statusText, ...(await answer.json()) });
      return true;
    } catch {
      return false; // no link: the letter stays
    }
  }
}

/** @returns {Letter[]} */
function letters() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return []; // not ours to read: begin afresh
  }
}

/** @param {Letter[]} kept */
function keepLetters(kept) {
  localStorage.setItem(KEPT, JSON.stringify(kept));
}

/** @returns {string} a random name; `randomUUID` exists in secure contexts only, and a lobby's plain address is none */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
