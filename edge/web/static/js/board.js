/**
 * The call board on a TV: what the daemon tells this board to show, and nothing it has not said lately.
 *
 * A screen cannot say "this may be old". When the daemon has not been heard for 25 s, calls and waits go and a neutral
 * sentence stands in their place until it is heard again. What people are to do in an emergency, and the warning of
 * frauds, stand on: nobody is called back into danger because a wire was cut.
 */

import * as clock from './clock.js';
import { byId, h, keep } from './dom.js';
import { isGood, Picture } from './picture.js';
import { SILENT_MS, Stream } from './stream.js';

/** @typedef {{ level: string, text: import('./i18n.js').Words, ticket: string | null, window: string | null, again: boolean }} Page */
/** @typedef {{ ticket: string, window: string, at: string }} Call */

const CALLS_MOST = 6;
const WAITS_MOST = 4;
const CALL_AGE_S = 3600;
const STANDING = new Set(['emergency', 'scam']);
/** so many more must wait for a class than for one that is shown, before it takes its place */
const BEYOND = 2;
/** the width of a character, of its height: of a Chinese one, of any other */
const WIDE = 1;
const NARROW = 0.72;

/** @type {Page} what stands here while nothing is known; the playbook's L05 */
const NEUTRAL = { level: 'blank', text: { zh: '请留意叫号，谢谢耐心', en: 'Please watch for your number' }, ticket: null, window: null, again: false };

const board = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const picture = new Picture();
const stream = new Stream(['snapshot', 'board', 'wait', 'heartbeat'], hear, draw);

/** @type {Page} */
let page = NEUTRAL;
/** @type {Call[]} */
let calls = [];
let heard = false;
/** whether a call has come that has not been drawn yet */
let spoken = false;
/** @type {Set<string>} the classes whose waits are shown */
let shownWaits = new Set();

/**
 * @param {string} kind
 * @param {any} data
 */
function hear(kind, data) {
  picture.hear(kind, data);
  heard = true;
  if (kind === 'snapshot') {
    page = picture.boards[board]?.page ?? NEUTRAL;
    calls = picture.boards[board]?.calls ?? [];
  } else if (kind === 'board' && data.board === board) {
    if (data.level === 'call') {
      const others = calls.filter(({ ticket }) => ticket !== data.ticket);
      spoken = true;
      calls = [data, ...others].slice(0, CALLS_MOST + 1);
    }
    page = data;
  }
  draw();
}

function draw() {
  const live = heard && stream.silence < SILENT_MS;
  drawPage(live || STANDING.has(page.level) ? page : NEUTRAL);
  drawCalls(live ? calls : []);
  drawWaits(live && picture.boards[board]?.shows !== 'window' ? [...picture.waits.values()] : []);
  drawHead(live);
}

/** @param {Page} shown */
function drawPage(shown) {
  const words = shown.text?.zh ? shown.text : NEUTRAL.text;
  const call = byId('call');
  document.body.dataset.level = shown.level;
  call.hidden = shown.level !== 'call';
  byId('text').hidden = shown.level === 'call';
  if (shown.level === 'call') return drawCall(call, shown);
  say('text-zh', words.zh);
  say('text-en', words.en);
  return undefined;
}

/**
 * @param {HTMLElement} call
 * @param {Page} shown
 */
function drawCall(call, { ticket, window, again }) {
  say('please-zh', again ? '再次请' : '请');
  say('please-en', again ? 'Again, please' : 'Please');
  const fresh = spoken || byId('ticket').textContent !== ticket || byId('window').textContent !== window;
  if (!fresh) return;
  spoken = false;
  write('ticket', ticket ?? '');
  write('window', window ?? '');
  say('unit', unit(window ?? ''));
  call.classList.remove('fresh');
  void call.offsetWidth; // lets the animation begin anew
  call.classList.add('fresh');
}

/** @param {Call[]} listed */
function drawCalls(listed) {
  const others = listed.filter(({ ticket, at }) => !(page.level === 'call' && ticket === page.ticket) && clock.since(at) < CALL_AGE_S);
  keep(byId('calls'), others.slice(0, CALLS_MOST), {
    key: ({ ticket, at }) => `${ticket} ${at}`,
    signature: ({ window }) => window,
    render: ({ ticket, window }) => {
      const item = h('li', {}, h('b', {}, ticket), h('span', {}, h('b', {}, window), unit(window)));
      item.style.setProperty('--width', String(width(`${ticket}  ${window}${unit(window)}`)));
      return item;
    },
  });
  byId('calls-box').hidden = others.length === 0;
}

/** @param {import('./picture.js').Wait[]} waits what the daemon says may be shown; how many wait where it says no range */
function drawWaits(waits) {
  const rows = waits.flatMap(({ service, waiting, shown }) => {
    const told = waiting && isGood(shown) && picture.services[service]?.public ? inWords(shown) : null;
    return told ? [{ id: service, name: picture.serviceName(service), told, waiting }] : [];
  });
  keep(byId('waits'), chosen(rows), {
    key: ({ id }) => id,
    signature: ({ told }) => told.zh,
    render: ({ name, told }) =>
      h('li', {}, h('p', {}, name.zh), h('p', {}, h('b', {}, told.zh), ' ', english(told.en)), h('p', {}, english(name.en))),
  });
  byId('waits-box').hidden = rows.length === 0;
}

/** @param {string} text */
const english = (text) => h('span', { lang: 'en' }, text);

/**
 * The classes most wait for, each at the place the configuration gives it: eyes find them where they were.
 *
 * @template {{ id: string, waiting: number }} Row
 * @param {Row[]} rows
 */
function chosen(rows) {
  const weight = (/** @type {Row} */ { id, waiting }) => waiting + (shownWaits.has(id) ? BEYOND - 0.5 : 0);
  const most = [...rows].sort((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1)).slice(0, WAITS_MOST);
  shownWaits = new Set(most.map(({ id }) => id));
  const order = Object.keys(picture.services);
  return most.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

/** @param {import('./picture.js').Shown} shown */
function inWords({ low_min, high_min, ahead }) {
  if (low_min !== null) return { zh: `${low_min}–${high_min} 分`, en: 'min' };
  return ahead ? { zh: `${ahead} 人在等`, en: 'waiting' } : null;
}

/** @param {boolean} live the time is the daemon's, so it goes when the daemon does */
function drawHead(live) {
  say('branch-zh', picture.branch?.name.zh ?? '');
  say('branch-en', picture.branch?.name.en ?? '');
  const timeZone = picture.branch?.timezone;
  say('clock', live ? new Date(clock.now()).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false, timeZone }) : '');
}

/** @param {string} text how wide it is, in characters of its height */
const width = (text) => Math.max(NARROW, [...text].reduce((sum, one) => sum + (one > '\u2e80' ? WIDE : NARROW), 0));

/** @param {string} window a number is said with what it is a number of; a name says it itself */
const unit = (window) => (/^\d/.test(window) ? ' 号窗口' : '');

/**
 * Writes what may be long: its size follows from how wide it is.
 *
 * @param {string} id
 * @param {string} text
 */
function write(id, text) {
  byId(id).style.setProperty('--width', String(width(text)));
  say(id, text);
}

/**
 * @param {string} id
 * @param {string} text
 */
function say(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

setInterval(draw, 1_000);
draw();
stream.start();
