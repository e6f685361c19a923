/** One prompt as a card: what, where, why, what it would change, whom it names, and what can be done with one tap. */

import { h } from './dom.js';
import { because, expected, hasFigures } from './figures.js';
import { named, t, words } from './i18n.js';

/** @typedef {import('./picture.js').Picture} Picture */
/** @typedef {import('./picture.js').Prompt} Prompt */
/**
 * What the card is told besides its prompt.
 * @typedef {object} Desk
 * @property {Picture} picture
 * @property {(target: string) => string[]} pending the actions on a target that wait for the daemon's answer
 * @property {(prompt: string) => Record<string, string>} marks what this device has noted of a prompt's tickets
 * @property {(prompt: string) => 'decline' | 'shelve' | null} asking which action's reasons are open
 * @property {(prompt: string) => boolean} whole whether all its tickets are to be seen
 */

/** Reasons by action; a shelved prompt comes back after so many minutes. @type {Record<'decline' | 'shelve', [string, number?][]>} */
export const REASONS = {
  decline: [['customers_unwilling'], ['in_hand'], ['no_longer_so'], ['not_suitable'], ['other']],
  shelve: [['in_hand', 15], ['with_customer', 15], ['others_are_coming', 30], ['repair_ordered', 60]],
};
const ANSWERS = ['asked', 'customer_accepted', 'customer_declined'];
/** What comes at the deadline, by state. @type {Record<string, string>} */
const UNTIL = { shelved: 'back', escalated: 'further' };
const DIGEST = 'digest';
const ROWS_FIRST = 4;
const FINAL = new Set(['customer_accepted', 'customer_declined']);

/**
 * @param {Prompt} prompt
 * @param {Desk} desk
 * @returns {HTMLElement}
 */
export function card(prompt, desk) {
  const { priority, state, about } = prompt;
  const textId = `text-${prompt.prompt}`;
  return h(
    'li',
    { class: 'card', 'data-priority': priority, 'data-state': state, 'data-prompt': prompt.prompt },
    h(
      'div',
      { class: 'card-head' },
      h('span', { class: 'pill' }, t(`priority.${priority}`)),
      h('span', { class: 'zone' }, named('zone', prompt.zone)),
      about.kind !== 'hall' && h('span', { class: 'about' }, t(`about.${about.kind}`, { id: about.id })),
      h('span', { class: 'age', 'data-since': prompt.raised_at ?? prompt.at, 'data-told': 'ago' }),
    ),
    desk.picture.takeover(prompt) && h('p', { class: 'takeover' }, t('card.takeover')),
    h('p', { class: 'card-text', id: textId }, words(prompt.text)),
    why(prompt),
    change(prompt, desk.picture),
    tickets(prompt, desk),
    note(prompt, desk.pending(prompt.prompt)),
    state !== 'done' && acts(prompt, desk, textId),
    reasons(prompt, desk.asking(prompt.prompt), textId),
  );
}

/**
 * What a card shows and nothing else, as one text: it is drawn again only when this changes, for a button that is
 * replaced under a finger is not pressed.
 * @param {Prompt} prompt
 * @param {Desk} desk
 */
export function signature(prompt, desk) {
  const rows = rowsOf(prompt, desk).map((id) => {
    const { service, since, declined } = desk.picture.waiting.find(({ ticket }) => ticket === id) ?? {};
    return [id, desk.pending(id), service, since, declined];
  });
  return JSON.stringify([prompt, desk.picture.takeover(prompt), rows, desk.marks(prompt.prompt), desk.pending(prompt.prompt), desk.asking(prompt.prompt), desk.whole(prompt.prompt), document.documentElement.lang]);
}

/**
 * Figures are those the prompt was raised with, and say so; the glance above has those of now.
 * @param {Prompt} prompt
 */
function why(prompt) {
  const phrases = because(prompt);
  const list = h('ul', { class: 'why', 'aria-label': t('card.why') }, ...phrases.map((phrase) => h('li', {}, phrase)));
  return phrases.length > 0 && h('div', { class: 'because' }, hasFigures(prompt) && h('span', { class: 'then' }, t('card.then')), list);
}

/**
 * @param {Prompt} prompt
 * @param {Picture} picture
 */
function change(prompt, picture) {
  const told = expected(prompt, picture);
  if (!told) return null;
  return h(
    'p',
    { class: 'expect' },
    h('span', {}, `${told.label} `),
    h('b', {}, told.now, h('span', { class: 'arrow', 'aria-label': t('expect.to') }, ' → '), told.then),
    ` ${t('expect.unit')}`,
    told.range && h('small', {}, t(told.sure ? 'expect.range' : 'expect.unsure', { range: told.range })),
  );
}

/**
 * The named tickets, and those this device has asked already: an asked ticket leaves the prompt but still has to answer.
 * They stand in the order of the queue, so that no row moves under a finger; who has left it stands last.
 * @param {Prompt} prompt
 * @param {Desk} desk
 */
function rowsOf(prompt, desk) {
  const places = new Map(desk.picture.waiting.map(({ ticket }, place) => [ticket, place]));
  const place = (/** @type {string} */ id) => places.get(id) ?? Infinity;
  const ids = new Set([...prompt.tickets, ...Object.keys(desk.marks(prompt.prompt))]);
  return [...ids].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

/**
 * @param {Prompt} prompt
 * @param {Desk} desk
 */
function tickets(prompt, desk) {
  const rows = rowsOf(prompt, desk);
  if (rows.length === 0) return null;
  const marks = desk.marks(prompt.prompt);
  const shown = desk.whole(prompt.prompt) || rows.length <= ROWS_FIRST + 1 ? rows : rows.slice(0, ROWS_FIRST);
  const more = rows.length - shown.length;
  return h(
    'ul',
    { class: 'named', 'aria-label': t('card.tickets') },
    ...shown.map((id) => row(prompt, id, marks[id], desk)),
    more > 0 && h('li', {}, h('button', { type: 'button', class: 'plain', 'data-whole': prompt.prompt }, t('card.more', { n: more }))),
  );
}

/**
 * @param {Prompt} prompt
 * @param {string} id
 * @param {string | undefined} mark
 * @param {Desk} desk
 */
function row(prompt, id, mark, desk) {
  const ticket = desk.picture.waiting.find((waiting) => waiting.ticket === id);
  const who = h(
    'span',
    { class: 'named-who' },
    h('b', { id: `ticket-${prompt.prompt}-${id}` }, id),
    ticket && h('small', {}, `${words(desk.picture.serviceName(ticket.service))} `, h('span', { 'data-since': ticket.since, 'data-told': 'waited' })),
  );
  if (!ticket) return h('li', { class: 'gone' }, who, h('span', { class: 'said' }, t('ticket.gone')));
  const answer = desk.pending(id).at(-1) ?? mark ?? (ticket.declined ? 'customer_declined' : undefined);
  if (answer && FINAL.has(answer)) return h('li', {}, who, h('span', { class: 'said', 'data-said': answer }, t(`said.${answer}`)));
  const buttons = ANSWERS.map((action) =>
    h('button', { type: 'button', 'data-act': action, 'data-target': id, 'data-of': prompt.prompt, 'data-focus': `${action}-${id}`, 'aria-pressed': action === 'asked' ? String(answer === 'asked') : null, 'aria-describedby': `ticket-${prompt.prompt}-${id}` }, t(`ask.${action}`)),
  );
  return h('li', {}, who, h('span', { class: 'named-acts' }, ...buttons));
}

/**
 * @param {Prompt} prompt
 * @param {string[]} pending
 */
function note(prompt, pending) {
  if (pending.length > 0) return h('p', { class: 'note note-pending' }, t('card.pending', { action: t(`act.${pending.at(-1)}`) }));
  if (prompt.state === 'done') return h('p', { class: 'note' }, t('card.done'));
  if (prompt.state === 'acknowledged') return h('p', { class: 'note' }, t('card.taken', { by: prompt.by ?? '' }));
  const to = prompt.to.map((role) => named('role', role)).join(t('list.and'));
  const text = prompt.state === 'raised' ? '' : t(`card.${prompt.state}`, { to });
  if (!text && !prompt.deadline) return null;
  const until = prompt.deadline && h('span', { 'data-since': prompt.deadline, 'data-told': UNTIL[prompt.state] ?? 'left' });
  return h('p', { class: 'note' }, text, text && until && t('list.clauses'), until);
}

/**
 * @param {Prompt} prompt
 * @param {Desk} desk
 * @param {string} textId
 */
function acts(prompt, desk, textId) {
  const busy = desk.pending(prompt.prompt).length > 0;
  const first = prompt.state === 'acknowledged' ? ['done'] : ['acknowledge', 'done'];
  const shelved = prompt.priority === 'urgent' || prompt.state === 'shelved' ? [] : ['shelve'];
  const offered = prompt.rule === DIGEST ? [...first, 'decline'] : [...first, 'decline', ...shelved, 'escalate'];
  const buttons = offered.map((action, place) =>
    h('button', { type: 'button', class: place === 0 ? 'primary' : null, 'data-act': action, 'data-target': prompt.prompt, 'data-focus': action, disabled: busy, 'aria-describedby': textId, 'aria-expanded': action in REASONS ? String(desk.asking(prompt.prompt) === action) : null }, t(`act.${action}`)),
  );
  return h('div', { class: 'acts' }, ...buttons);
}

/**
 * @param {Prompt} prompt
 * @param {'decline' | 'shelve' | null} action
 * @param {string} textId
 */
export function reasons(prompt, action, textId) {
  if (!action) return null;
  const chips = REASONS[action].map(([reason, minutes]) =>
    h('button', { type: 'button', class: 'chip', 'data-act': action, 'data-reason': reason, 'data-minutes': minutes, 'data-target': prompt.prompt, 'data-focus': reason, 'aria-describedby': textId }, t(`${action}.${reason}`), minutes && h('small', {}, ` ${t('time.minutes', { n: minutes })}`)),
  );
  return h('div', { class: 'reasons', role: 'group', 'aria-label': t(`${action}.ask`) }, h('p', {}, t(`${action}.ask`)), ...chips);
}
