/** Figures in words: durations, ranges, why a prompt is there, and what acting would change. */

import * as clock from './clock.js';
import { named, t, words } from './i18n.js';
import { isGood } from './picture.js';

/** @typedef {import('./picture.js').Picture} Picture */
/** @typedef {import('./picture.js').Prompt} Prompt */

const LINES_NAMED = 2;

/** @param {number} duration_s full minutes, as people say them */
export const minutes = (duration_s) => (duration_s < 60 ? t('time.moment') : t('time.minutes', { n: Math.floor(duration_s / 60) }));

/**
 * What acting is predicted to bring, as a range of whole minutes, rounded outward; empty when there is none.
 * @param {number | null} p10_s
 * @param {number | null} p90_s
 */
function range(p10_s, p90_s) {
  if (p10_s === null || p90_s === null) return '';
  const [low, high] = [Math.floor(p10_s / 60), Math.max(Math.ceil(p90_s / 60), 1)];
  return low === high ? t('time.about', { n: low }) : t('time.range', { a: low, b: high });
}

/**
 * What people may be told of a wait, in words: the daemon's range, else how many are ahead; empty when neither.
 * @param {import('./picture.js').Shown | null | undefined} shown
 */
export function told(shown) {
  if (!shown || !isGood(shown)) return '';
  if (shown.low_min !== null && shown.high_min !== null) return t('time.range', { a: shown.low_min, b: shown.high_min });
  return shown.ahead === null ? '' : t('shown.ahead', { n: shown.ahead });
}

/** @param {number} s seconds until something, as minutes and seconds */
const clockFace = (s) => ({ m: Math.floor(s / 60), s: String(Math.floor(s % 60)).padStart(2, '0') });

/** @param {boolean} linked */
const due = (linked) => t(linked ? 'time.due' : 'time.due.unknown');

/** How the text of an element that tells a time follows from the seconds since its instant. */
const TOLD = {
  /** @param {number} s */ ago: (s) => (s < 60 ? t('time.now') : t('time.ago', { n: Math.floor(s / 60) })),
  /** @param {number} s */ for: minutes,
  /** @param {number} s */ waited: (s) => t('time.waited', { n: Math.max(0, Math.floor(s / 60)) }),
  /** @param {number} s @param {boolean} linked */ left: (s, linked) => (s < 0 ? t('time.left', clockFace(-s)) : due(linked)),
  /** @param {number} s @param {boolean} linked */ further: (s, linked) => (s < 0 ? t('time.further', clockFace(-s)) : due(linked)),
  /** @param {number} s */ back: (s) => t('time.back', clockFace(Math.max(0, -s))),
};

/**
 * Brings every time on the page up to date: elements with `data-since` (an instant) and `data-told` (how).
 * @param {boolean} linked whether the daemon is there to do what is due
 */
export function tellTimes(linked) {
  for (const element of document.querySelectorAll('[data-since]')) {
    const { since, told } = /** @type {HTMLElement} */ (element).dataset;
    const text = TOLD[/** @type {keyof typeof TOLD} */ (told)](clock.since(since ?? ''), linked);
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * What staff should know of the daemon's troubles, each in a few words; many lines that are down are counted.
 * @param {Picture} picture
 */
export function troubles({ health, devices }) {
  const down = health.troubles.filter(({ cause }) => cause === 'line').flatMap((trouble) => trouble.devices);
  const kinds = [...new Set(down.map((id) => named('kind', devices.get(id)?.kind ?? id)))];
  const lines = kinds.length > LINES_NAMED ? t('trouble.lines', { n: down.length }) : t('trouble.line', { devices: kinds.join(t('list.and')) });
  const causes = [...new Set(health.troubles.map(({ cause }) => cause))];
  return causes.map((cause) => (cause === 'line' ? lines : t(`trouble.${cause}`))).join(t('list.clauses'));
}

/**
 * What the daemon or a driver says of a device: its own words where the page has them.
 * @param {string} detail
 */
export function said(detail) {
  const [, reason] = detail.match(/^refused: (.*)$/) ?? [];
  return reason ? t('detail.refused.because', { reason }) : named('detail', detail);
}

/**
 * The parts of a device that are not in order, with what is wrong.
 * @param {Record<string, string>} parts
 */
export const faults = (parts) =>
  Object.entries(parts)
    .filter(([, how]) => how !== 'ok')
    .map(([part, how]) => {
      const [, unit] = part.match(/^cash_unit_(\d+)$/) ?? [];
      return `${unit ? t('part.cash_unit', { n: unit }) : named('part', part)} ${named('state', how)}`;
    });

/** @param {{ ticket?: string, window?: string }} reported */
const whom = ({ ticket, window }) => [ticket ? t('why.ticket', { ticket }) : '', window ? t('why.window', { window }) : ''];

/** The figures of `because` that have words, in this order. */
const REASONS = {
  /** @param {number} n */ waiting: (n) => t('why.waiting', { n }),
  /** @param {number} s */ longest_wait_s: (s) => t('why.longest', { time: minutes(s) }),
  /** @param {number} s */ next_wait_s: (s) => t('why.next', { time: minutes(s) }),
  /** @param {number} s */ gain_s: (s) => t('why.gain', { time: minutes(s) }),
  /** @param {number} n */ paused_windows: (n) => t('why.paused', { n }),
  /** @param {number} n */ openable_windows: (n) => t('why.openable', { n }),
  /** @param {{ window: string, reason: string | null, for_s: number }[]} pauses */
  pauses: (pauses) => pauses.map(({ window, reason, for_s }) => t(reason ? 'why.pause.reason' : 'why.pause', { window, reason: named('reason', reason ?? ''), time: minutes(for_s) })).join(t('list.and')),
  /** @param {string[] | number} devices */
  usable_devices: (devices) => (Array.isArray(devices) && devices.length ? t('why.usable', { devices: devices.join(t('list.and')) }) : ''),
  /** @param {Record<string, string>} devices */
  unusable_devices: (devices) => Object.entries(devices).map(([device, state]) => t('why.unusable', { device, state: named('state', state) })).join(t('list.and')),
  /** @param {string[]} machines */
  lost_machines: (machines) => (machines.length > 1 ? t('why.lost', { devices: machines.join(t('list.and')) }) : ''),
  /** @param {({ prompt: string } & import('./i18n.js').Words)[]} held */
  held: (held) => held.map(words),
  /** @param {{ state: string, parts: Record<string, string> }} device */
  device: ({ state, parts }) => [named('state', state), ...faults(parts ?? {})].join(t('list.and')),
  unhappy_customer: whom,
  referred: whom,
};

/** Reasons that say what or whom a prompt is about, and do not age. */
const LASTING = new Set(['held', 'unhappy_customer', 'referred']);

/**
 * Whether a prompt's reasons are figures of when it was raised; of machines lost together they are kept up.
 * @param {Prompt} prompt
 */
export const hasFigures = ({ because }) => !because.lost_machines && Object.keys(REASONS).some((name) => !LASTING.has(name) && because[name] !== undefined && because[name] !== null);

/**
 * Why a prompt is there, one phrase for each figure.
 * @param {Prompt} prompt
 * @returns {string[]}
 */
export function because({ because }) {
  const told = Object.entries(REASONS).map(([name, say]) => (because[name] === undefined || because[name] === null ? '' : say(/** @type {never} */ (because[name])))).flat();
  return told.filter((phrase) => phrase !== '');
}

/**
 * What acting would change: the wait of the class's next ticket now and then, in whole minutes, and how sure that is.
 * @param {Prompt} prompt
 * @param {Picture} picture
 */
export function expected({ expect }, picture) {
  const wait = expect.wait_p50_s;
  if (!wait || typeof wait.now !== 'number' || typeof wait.with !== 'number') return null;
  const service = expect.service ? words(picture.serviceName(expect.service)) : '';
  const window = expect.window ? t('expect.window', { window: expect.window }) : '';
  return {
    label: [window, t('expect.wait', { service })].filter(Boolean).join(t('list.and')),
    now: String(Math.round(wait.now / 60)),
    then: String(Math.round(wait.with / 60)),
    range: range(wait.p10 ?? null, wait.p90 ?? null),
    sure: expect.confidence !== 'low',
  };
}
