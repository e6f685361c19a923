/** The branch as this page knows it: one snapshot, and what has changed since. */

import * as clock from './clock.js';
import { t } from './i18n.js';

/** @typedef {import('./i18n.js').Words} Words */
/**
 * @typedef {object} Prompt
 * @property {string} prompt
 * @property {string} rule
 * @property {string} at
 * @property {string} [raised_at]
 * @property {string} state
 * @property {'urgent' | 'high' | 'normal' | 'silent'} priority
 * @property {string[]} to
 * @property {{ kind: string, id: string }} about
 * @property {string} zone
 * @property {Words} text
 * @property {Record<string, any>} because
 * @property {Record<string, any>} expect
 * @property {string[]} tickets
 * @property {string | null} deadline
 * @property {string | null} by
 * @property {string[]} [told] the roles it has been sent to so far, as far as this page has seen
 */
/** @typedef {{ low_min: number | null, high_min: number | null, ahead: number | null, reason: string | null, until: string | null }} Shown what people may be told of a wait */
/** @typedef {{ ticket: string, service: string, tier: string, needs: string[], since: string, declined: boolean, asked: { prompt: string, staff: string } | null, wait_p10: number | null, wait_p50: number | null, wait_p90: number | null, shown: Shown }} Ticket */
/** @typedef {{ window: string, state: string, services: string[], ticket: string | null, since: string, reason: string | null }} Window */
/** @typedef {{ device: string, kind: string, state: string, detail: string, parts: Record<string, string>, at: string }} Device */
/** @typedef {{ service: string, at: string, waiting: number, wait_p10: number | null, wait_p50: number | null, wait_p90: number | null, windows: number, confidence: string, shown: Shown }} Wait */
/** @typedef {{ cause: string, devices: string[] }} Trouble what of the daemon's problems staff should know */

/** States in which somebody may still act on a prompt. */
const OPEN = new Set(['raised', 'acknowledged', 'escalated', 'shelved']);
const PRIORITIES = ['urgent', 'high', 'normal', 'silent'];

export class Picture {
  /** Whether the daemon has told anything yet: before that nothing is known, which is not the same as nobody waiting. */
  known = false;
  /** @type {{ id: string, name: Words, timezone: string } | null} */
  branch = null;
  /** @type {'zh' | 'en'} */
  language = 'zh';
  /** @type {Record<string, { name: Words, public: boolean }>} */
  services = {};
  /** @type {Map<string, Prompt>} */
  prompts = new Map();
  /** Prompts that were done before this page's eyes: customers who were asked may still have to answer. @type {Map<string, Prompt>} */
  done = new Map();
  /** @type {Ticket[]} */
  waiting = [];
  /** @type {Map<string, Wait>} */
  waits = new Map();
  /** @type {Window[]} */
  windows = [];
  /** @type {Map<string, Device>} */
  devices = new Map();
  /** @type {Record<string, any>} */
  boards = {};
  /** @type {Record<string, string[]>} */
  staff = {};
  health = { state: 'ok', troubles: /** @type {Trouble[]} */ ([]) };

  /**
   * Takes in one event of the stream; returns a prompt that is new to this page, if it is one.
   * @param {string} kind
   * @param {any} data
   * @returns {Prompt | null}
   */
  hear(kind, data) {
    if (kind === 'snapshot') this.#snapshot(data);
    else if (kind === 'prompt') return this.#prompt(data);
    else if (kind === 'wait') this.waits.set(data.service, data);
    else if (kind === 'device' && data.gone) this.devices.delete(data.device);
    else if (kind === 'device') this.devices.set(data.device, data);
    else if (kind === 'queue') Object.assign(this, { waiting: data.waiting, windows: data.windows, health: data.health });
    else if (kind === 'heartbeat') clock.set(data.at);
    return null;
  }

  /**
   * The open prompts, the most important and oldest first; one that is about another is told on that one's card.
   * @returns {Prompt[]}
   */
  listed() {
    return [...this.prompts.values()].filter(({ about }) => about.kind !== 'prompt' || !this.prompts.has(about.id)).sort(
      (a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || age(a) - age(b) || (a.prompt < b.prompt ? -1 : 1),
    );
  }

  /**
   * Whether somebody is asked to take a prompt over, because nobody has answered it.
   * @param {Prompt} prompt
   */
  takeover({ prompt }) {
    return [...this.prompts.values()].some(({ about }) => about.kind === 'prompt' && about.id === prompt);
  }

  /**
   * Whom somebody has asked for a prompt and who has not answered yet.
   * @param {string} prompt
   * @param {string | undefined} staff
   * @returns {string[]} tickets
   */
  asked(prompt, staff) {
    return this.waiting.filter(({ asked }) => asked?.prompt === prompt && asked.staff === staff).map(({ ticket }) => ticket);
  }

  /**
   * The prompts that are over and may still owe this member of staff an answer; of one whose end this page has not
   * seen, as after a reload, only the questions are left.
   * @param {string | undefined} staff
   * @returns {Prompt[]}
   */
  over(staff) {
    const found = new Map(this.done);
    for (const { asked, since } of this.waiting) {
      const unseen = asked && asked.staff === staff && !this.prompts.has(asked.prompt) && !found.has(asked.prompt);
      if (unseen) found.set(asked.prompt, questions(asked.prompt, since));
    }
    return [...found.values()];
  }

  /** @param {string} service */
  serviceName(service) {
    return this.services[service]?.name ?? { zh: service, en: service };
  }

  /** @param {any} view */
  #snapshot(view) {
    this.known = true;
    clock.set(view.at, view.speed ?? 1);
    const { branch, language, services, waiting, windows, boards, staff, health } = { ...this, ...view };
    Object.assign(this, { branch, language, services, waiting, windows, boards, staff, health });
    const open = (view.prompts ?? []).filter((/** @type {Prompt} */ { state }) => OPEN.has(state));
    this.prompts = new Map(open.map((/** @type {Prompt} */ prompt) => [prompt.prompt, prompt]));
    this.waits = new Map(Object.entries(view.waits ?? {}));
    this.devices = new Map((view.devices ?? []).map((/** @type {Device} */ device) => [device.device, device]));
  }

  /** @param {Prompt} prompt */
  #prompt(prompt) {
    const before = this.prompts.get(prompt.prompt);
    if (!OPEN.has(prompt.state)) {
      this.prompts.delete(prompt.prompt);
      if (before && prompt.state === 'done') this.done.set(prompt.prompt, { ...prompt, raised_at: before.raised_at, tickets: [] });
      return null;
    }
    const raised_at = prompt.raised_at ?? before?.raised_at ?? before?.at ?? prompt.at;
    const told = [...new Set([...(before?.told ?? before?.to ?? []), ...prompt.to])];
    this.prompts.set(prompt.prompt, { ...prompt, raised_at, told });
    return before ? null : prompt;
  }
}

/**
 * Whether what was said of a wait may still be shown.
 * @param {Shown | null | undefined} shown
 */
export const isGood = (shown) => !!shown?.until && clock.since(shown.until) <= 0;

/**
 * A prompt of which only the questions are left.
 * @param {string} prompt
 * @param {string} at
 * @returns {Prompt}
 */
const questions = (prompt, at) => ({
  prompt,
  rule: prompt.split('.')[0],
  at,
  state: 'done',
  priority: 'normal',
  to: [],
  about: { kind: 'hall', id: 'hall' },
  zone: 'waiting',
  text: { zh: t('card.asked'), en: t('card.asked') },
  because: {},
  expect: {},
  tickets: [],
  deadline: null,
  by: null,
});

/** @param {Prompt} prompt */
const age = (prompt) => Date.parse(prompt.raised_at ?? prompt.at);
