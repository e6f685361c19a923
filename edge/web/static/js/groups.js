/** Silent prompts by rule: forty elderly tickets are one line, which opens at a tap to a row for each of them. */

import { card, reasons, signature as ofCard } from './cards.js';
import { h } from './dom.js';
import { named, t, words } from './i18n.js';

/** @typedef {import('./picture.js').Prompt} Prompt */
/** @typedef {import('./cards.js').Desk} Desk */
/** @typedef {{ rule: string, prompts: Prompt[], open: boolean }} Group */

/** What one tap in a row says; the rest of a card's buttons is for prompts that ask for more. */
const OFFERED = ['done', 'decline', 'escalate'];

/**
 * The prompts by rule, the rule with the oldest first; of one alone its card is shown.
 * @param {Prompt[]} prompts
 * @param {Set<string>} open the rules whose rows are to be seen
 * @returns {Group[]}
 */
export function grouped(prompts, open) {
  /** @type {Map<string, Prompt[]>} */
  const rules = new Map();
  for (const prompt of prompts) rules.set(prompt.rule, [...(rules.get(prompt.rule) ?? []), prompt]);
  return [...rules].map(([rule, found]) => ({ rule, prompts: found, open: open.has(rule) }));
}

/** @param {Group} group */
export const key = ({ rule, prompts }) => (prompts.length === 1 ? prompts[0].prompt : `group ${rule}`);

/**
 * What a group shows, as one text (see `signature` of cards).
 * @param {Group} group
 * @param {Desk} desk
 */
export function signature({ rule, prompts, open }, desk) {
  const rows = open || prompts.length === 1 ? prompts.map((prompt) => [ofCard(prompt, desk), waiting(prompt, desk)?.since]) : [];
  return JSON.stringify([rule, prompts.map(({ prompt }) => prompt), open, rows, document.documentElement.lang]);
}

/**
 * @param {Group} group
 * @param {Desk} desk
 * @returns {HTMLElement}
 */
export function render({ rule, prompts, open }, desk) {
  if (prompts.length === 1) return card(prompts[0], desk);
  const name = named('rule', rule);
  return h(
    'li',
    { class: 'card group', 'data-priority': 'silent', 'data-rule': rule },
    h(
      'button',
      { type: 'button', class: 'group-line', 'data-group': rule, 'data-focus': `group ${rule}`, 'aria-expanded': String(open) },
      h('span', { class: 'group-name' }, name === rule ? words(prompts[0].text) : name),
      h('span', { class: 'count' }, prompts.length),
      h('span', { class: 'age', 'data-since': prompts[0].raised_at ?? prompts[0].at, 'data-told': 'ago' }),
    ),
    open && h('ul', { class: 'named', 'aria-label': name }, ...prompts.map((prompt) => row(prompt, desk))),
  );
}

/**
 * @param {Prompt} prompt
 * @param {Desk} desk
 */
function row(prompt, desk) {
  const { about, state } = prompt;
  const id = `row-${prompt.prompt}`;
  const ticket = waiting(prompt, desk);
  const pending = desk.pending(prompt.prompt);
  const asking = desk.asking(prompt.prompt);
  const taken = state === 'acknowledged' && h('small', {}, t('card.taken', { by: prompt.by ?? '' }));
  const buttons = OFFERED.map((action) =>
    h('button', { type: 'button', 'data-act': action, 'data-target': prompt.prompt, 'data-focus': `${action} ${prompt.prompt}`, disabled: pending.length > 0, 'aria-describedby': id, 'aria-expanded': action === 'decline' ? String(asking === action) : null }, t(`act.${action}`)),
  );
  return h(
    'li',
    { 'data-prompt': prompt.prompt, 'data-state': state },
    h(
      'span',
      { class: 'named-who' },
      h('b', { id }, about.kind === 'hall' ? words(prompt.text) : about.id, ...needs(prompt)),
      ticket ? h('small', {}, `${words(desk.picture.serviceName(ticket.service))} `, h('span', { 'data-since': ticket.since, 'data-told': 'waited' })) : about.kind !== 'hall' && h('small', {}, words(prompt.text)),
      taken,
    ),
    pending.length > 0 ? h('span', { class: 'said' }, t('card.pending', { action: t(`act.${pending.at(-1)}`) })) : h('span', { class: 'named-acts' }, ...buttons),
    reasons(prompt, asking, id),
  );
}

/** @param {Prompt} prompt what staff should know of the customer before they walk up */
const needs = ({ because }) => (because.ticket?.needs ?? []).map((/** @type {string} */ need) => h('span', { class: 'tag tag-need' }, named('need', need)));

/**
 * The ticket in the queue that a prompt is about, if it is about one.
 * @param {Prompt} prompt
 * @param {Desk} desk
 */
const waiting = ({ about }, desk) => (about.kind === 'ticket' ? desk.picture.waiting.find(({ ticket }) => ticket === about.id) : undefined);
