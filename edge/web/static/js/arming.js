/**
 * Taps meant for what stood there before: a thumb on its way to one button must not press another that has just come
 * under it. A button that appears or moves takes no tap for a moment, which is to be seen; keys go where the focus is
 * and need no such care.
 */

const ARM_MS = 700;
const STILL_PX = 4;

/** @type {Map<string, { x: number, y: number, until: number }>} where each button stands, and when it may be tapped */
let places = new Map();
/** @type {number | undefined} */
let next;

/**
 * Looks where the buttons of the prompts stand; call it whenever the page has been drawn.
 * @param {ParentNode} root
 */
export function arm(root) {
  const now = performance.now();
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('button[data-act]'));
  const found = [...buttons].filter(({ offsetParent }) => offsetParent).map((button) => ({ button, ...place(button, now) }));
  places = new Map(found.map(({ key, x, y, until }) => [key, { x, y, until }]));
  for (const { button, until } of found) button.toggleAttribute('data-arming', until > now);
  clearTimeout(next);
  const wait = Math.min(...found.filter(({ until }) => until > now).map(({ until }) => until - now));
  if (Number.isFinite(wait)) next = setTimeout(() => arm(root), wait);
}

/**
 * @param {HTMLElement} button
 * @param {number} now
 */
function place(button, now) {
  const { act, target, of, reason } = button.dataset;
  const { left, top } = button.getBoundingClientRect();
  const [key, x, y] = [JSON.stringify([act, target, of, reason]), left + scrollX, top + scrollY];
  const before = places.get(key);
  const still = before && Math.abs(before.x - x) <= STILL_PX && Math.abs(before.y - y) <= STILL_PX;
  return { key, x, y, until: still ? before.until : now + ARM_MS };
}
