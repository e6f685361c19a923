/** The branch at a glance: how many wait, the classes, the tickets, the windows, the devices. */

import { byId, h, keep } from './dom.js';
import { faults, said, told } from './figures.js';
import { named, t, words } from './i18n.js';

/** @typedef {import('./picture.js').Picture} Picture */
/** @typedef {import('./explain.js').Explainer} Explainer */

const TROUBLE = new Set(['down', 'degraded', 'unknown']);
const WORST_FIRST = ['down', 'unknown', 'degraded', 'ok'];

/**
 * @param {Picture} picture
 * @param {Explainer} explainer
 */
export function drawHall(picture, explainer) {
  drawGlance(picture);
  drawClasses(picture);
  drawTickets(picture, explainer);
  drawWindows(picture);
  drawDevices(picture);
}

/** @param {Picture} picture @returns {number} devices that need somebody's eye */
export const troubled = (picture) => [...picture.devices.values()].filter(({ state }) => TROUBLE.has(state)).length;

/** @param {Picture} picture */
function drawGlance(picture) {
  const open = picture.windows.filter(({ state }) => state === 'open').length;
  const longest = picture.waiting[0]?.since;
  const trouble = troubled(picture);
  const known = (/** @type {string} */ value) => (picture.known ? value : '–');
  const figures = [
    { id: 'waiting', value: known(String(picture.waiting.length)) },
    { id: 'longest', value: longest ? '' : '–', since: longest },
    { id: 'windows', value: known(`${open}/${picture.windows.length}`) },
    { id: 'devices', value: known(trouble ? t('glance.trouble', { n: trouble }) : t('glance.fine')), bad: trouble > 0 },
  ];
  keep(byId('glance'), figures, {
    key: ({ id }) => id,
    signature: (figure) => JSON.stringify([figure, document.documentElement.lang]),
    render: ({ id, value, since, bad }) =>
      h('div', { class: bad ? 'bad' : null }, h('dt', {}, t(`glance.${id}`)), h('dd', { 'data-since': since, 'data-told': since && 'for' }, value)),
  });
}

/** @param {Picture} picture */
function drawClasses(picture) {
  const counts = new Map();
  for (const { service } of picture.waiting) counts.set(service, (counts.get(service) ?? 0) + 1);
  const ids = [...new Set([...Object.keys(picture.services), ...counts.keys()])];
  const rows = ids.map((id) => {
    const wait = picture.waits.get(id);
    return { id, name: words(picture.serviceName(id)), waiting: counts.get(id) ?? 0, next: told(wait?.shown), low: wait?.confidence === 'low' && wait.shown.low_min !== null, windows: wait?.windows ?? 0 };
  });
  keep(byId('classes'), rows, {
    key: ({ id }) => id,
    signature: (row) => JSON.stringify([row, document.documentElement.lang]),
    render: ({ name, waiting, next, low, windows }) =>
      h(
        'li',
        {},
        h('span', { class: 'class-name' }, name, h('small', {}, t('class.windows', { n: windows }))),
        h('span', { class: 'class-count' }, h('b', {}, waiting), h('small', {}, t('class.waiting'))),
        h('span', { class: 'class-next' }, h('b', {}, next || t('class.unknown')), h('small', {}, t(low && next ? 'class.next.low' : 'class.next'))),
      ),
  });
}

/** @param {import('./picture.js').Shown} shown */
function left(shown) {
  const range = told(shown);
  return range && shown.low_min !== null ? t('ticket.left', { range }) : range;
}

/**
 * A row opens at a tap and then says what its estimate rests on.
 * @param {Picture} picture
 * @param {Explainer} explainer
 */
function drawTickets(picture, explainer) {
  const rows = picture.waiting.map(({ wait_p10, wait_p50, wait_p90, shown, ...ticket }) => ({ ...ticket, left: left(shown), open: explainer.isOpen(ticket.ticket), why: explainer.line(ticket.ticket) }));
  keep(byId('tickets'), rows, {
    key: ({ ticket }) => ticket,
    signature: (ticket) => JSON.stringify([ticket, document.documentElement.lang]),
    render: ({ ticket, service, needs, tier, since, declined, left, open, why }) =>
      h(
        'li',
        {},
        h('button', { type: 'button', class: 'number opens', 'data-explain': ticket, 'data-focus': `explain ${ticket}`, 'aria-expanded': String(open) }, ticket),
        h(
          'span',
          { class: 'row-what' },
          words(picture.serviceName(service)),
          ...needs.map((need) => h('span', { class: 'tag tag-need' }, named('need', need))),
          tier !== 'ordinary' && h('span', { class: 'tag' }, named('tier', tier)),
          declined && h('span', { class: 'tag' }, t('ticket.declined')),
        ),
        h('span', { class: 'row-when' }, h('span', { 'data-since': since, 'data-told': 'waited' }), h('small', {}, left)),
        open && h('p', { class: 'row-why', role: 'status' }, why),
      ),
  });
  byId('nobody').hidden = !picture.known || picture.waiting.length > 0;
}

/** @param {Picture} picture */
function drawWindows(picture) {
  keep(byId('windows'), picture.windows, {
    key: ({ window }) => window,
    signature: (window) => JSON.stringify([window, document.documentElement.lang]),
    render: ({ window, state, ticket, since, reason, services }) =>
      h(
        'li',
        { class: 'tile', 'data-state': ticket ? 'serving' : state },
        h('b', { class: 'number' }, window),
        h('span', { class: 'tile-state' }, t(ticket && state === 'open' ? 'window.serving' : `window.${state}`)),
        h('span', { class: 'tile-what' }, ticket ?? (reason ? named('reason', reason) : services.map((id) => words(picture.serviceName(id))).join(t('list.and')))),
        since && state !== 'closed' ? h('small', { 'data-since': since, 'data-told': 'for' }) : h('small', {}, ' '),
      ),
  });
}

/** @param {Picture} picture */
function drawDevices(picture) {
  const devices = [...picture.devices.values()].sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || (a.device < b.device ? -1 : 1));
  keep(byId('devices'), devices, {
    key: ({ device }) => device,
    signature: (device) => JSON.stringify([device, document.documentElement.lang]),
    render: ({ device, kind, state, detail, parts }) =>
      h(
        'li',
        {},
        h('span', { class: 'row-what' }, h('b', {}, named('kind', kind)), h('small', {}, device)),
        h('span', { class: 'row-detail' }, [...faults(parts ?? {}), state === 'ok' ? '' : said(detail)].filter(Boolean).join(t('list.and'))),
        h('span', { class: 'state', 'data-state': state }, named('state', state)),
      ),
  });
}
