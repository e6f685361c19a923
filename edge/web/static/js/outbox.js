/**
 * What this device has to tell the daemon. An action is kept here until the daemon has answered it; every attempt carries
 * the same key, so that the daemon takes it once however often it arrives.
 */

const KEPT = 'lobby.outbox';
const RETRY_MS = 3_000;
/** An answer may overtake what it brought about, which comes by the stream: for so long the action still counts as on its way. */
const SETTLES_MS = 2_000;

/** @typedef {{ staff: string, role: string, action: string, target: string, detail: Record<string, string> }} Action */
/** @typedef {{ key: string, action: Action }} Letter */

export class Outbox {
  #changed;
  #refused;
  #follows;
  #busy = false;
  /** @type {Action | null} the one that is being sent, until the stream has told of its target */
  #unseen = null;
  /** @type {Action[]} answered with yes, and not yet seen */
  #settling = [];
  /** @type {number | undefined} */
  #retry;

  /**
   * @param {() => void} changed what waits has changed
   * @param {(why: { error: string, key?: string }) => void} refused the daemon will not do it, and says why
   * @param {(target: string) => boolean} follows whether the stream will tell what becomes of a target
   */
  constructor(changed, refused, follows) {
    this.#changed = changed;
    this.#refused = refused;
    this.#follows = follows;
  }

  /** @param {Action} action */
  add(action) {
    keepLetters([...letters(), { key: newKey(), action }]);
    this.#changed();
    this.flush();
  }

  /**
   * The actions on a target that the daemon has not answered yet, or whose effect is not here yet.
   * @param {string} target
   */
  pending(target) {
    return [...this.#settling, ...letters().map(({ action }) => action)].filter((action) => action.target === target);
  }

  /**
   * The stream has told of a target.
   * @param {string} target
   */
  seen(target) {
    if (this.#unseen?.target === target) this.#unseen = null;
    this.#settling = this.#settling.filter((action) => action.target !== target);
  }

  /** Sends what waits, in order, for as long as the daemon answers. */
  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#retry);
    try {
      for (let letter = letters()[0]; letter; letter = letters()[0]) {
        this.#unseen = this.#follows(letter.action.target) ? letter.action : null;
        const answer = await this.#send(letter);
        if (answer === null) {
          this.#retry = setTimeout(() => this.flush(), RETRY_MS);
          return;
        }
        keepLetters(letters().filter(({ key }) => key !== letter.key));
        if (answer && this.#unseen) this.#settle(this.#unseen);
        this.#changed();
      }
    } finally {
      this.#busy = false;
    }
  }

  /** @param {Action} action */
  #settle(action) {
    this.#settling.push(action);
    setTimeout(() => {
      if (!this.#settling.includes(action)) return;
      this.#settling = this.#settling.filter((other) => other !== action);
      this.#changed();
    }, SETTLES_MS);
  }

  /**
   * @param {Letter} letter
   * @returns {Promise<boolean | null>} the daemon's answer, yes or no; null when there is none
   */
  async #send({ key, action }) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
    try {
      const signal = AbortSignal.timeout(10_000);
      const answer = await fetch('/api/action', { method: 'POST', headers, body: JSON.stringify(action), signal });
      if (answer.status >= 500) return null;
      if (!answer.ok) this.#refused({ error: answer.statusText, ...(await answer.json()) });
      return answer.ok;
    } catch {
      return null; // no link: the letter stays
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
