/** What this device has noted of the tickets a prompt named: asked, accepted, declined. Forgotten with the prompt. */

const KEPT = 'lobby.marks';

/** @type {Record<string, Record<string, string>>} */
let marks = read();

/**
 * @param {string} prompt
 * @returns {Record<string, string>} ticket → action
 */
export const of = (prompt) => marks[prompt] ?? {};

/**
 * @param {string} prompt
 * @param {string} ticket
 * @param {string} action
 */
export function note(prompt, ticket, action) {
  marks[prompt] = { ...marks[prompt], [ticket]: action };
  write();
}

/** @param {(prompt: string) => boolean} open keeps the notes of these prompts alone */
export function keepOnly(open) {
  const kept = Object.fromEntries(Object.entries(marks).filter(([prompt]) => open(prompt)));
  if (Object.keys(kept).length === Object.keys(marks).length) return;
  marks = kept;
  write();
}

function write() {
  localStorage.setItem(KEPT, JSON.stringify(marks));
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') ?? {};
  } catch {
    return {}; // not ours to read: begin afresh
  }
}
