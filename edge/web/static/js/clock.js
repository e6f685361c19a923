/** The branch's time, as the daemon tells it; the phone's own clock may be anywhere. */

let told = Date.now();
let heard = performance.now();
let pace = 1;

/**
 * The daemon says what time it is; in a demo its time may pass faster than ours.
 * @param {string} at
 * @param {number} [speed]
 */
export function set(at, speed = pace) {
  told = Date.parse(at);
  heard = performance.now();
  pace = speed;
}

/** @returns {number} milliseconds since the epoch */
export const now = () => told + (performance.now() - heard) * pace;

/**
 * Seconds since an instant (negative before it).
 * @param {string} at
 */
export const since = (at) => (now() - Date.parse(at)) / 1000;
