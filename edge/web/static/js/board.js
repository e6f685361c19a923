/**
 * The call board on a TV: what the daemon tells this board to show, and nothing it has not said lately.
 *
 * A screen cannot say "this may be old". When the daemon has not been heard for 25 s, calls and waits go and a neutral
 * sentence stands in their place until it is heard again.
 */

import * as clock from './clock.js';
import { byId, h, keep } from './dom.js';
import { isGood, Picture } from './picture.js';
import { SILENT_MS, Stream } from './stream.js';

/** @typedef {{ level: string, text: import('./i18n.js').Words, ticket: string | null, window: string | null }} Page */
/** @typedef {{ ticket: string, window: string, at: string }} Call */

const CALLS_MOST = 6;
const WAITS_MOST = 4;
const CALL_AGE_S = 3600;

/** @type {Page} what stands here while nothing is known; the playbook's L05 */
const NEUTRAL = { level: 'blank', text: { zh: '请留意叫号，谢谢耐心', en: 'Please watch for your number' }, ticket: null, window: null };

const board = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const picture = new Picture();
const stream = new Stream(['snapshot', 'board', 'wait', 'heartbeat'], hear, draw);

/** @type {Page} */
let page = NEUTRAL;
/** @type {Call[]} */
let calls = [];
let heard = false;

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
    page = data;
    if (data.level === 'call') calls = [data, ...calls.filter(({ ticket }) => ticket !== data.ticket)].slice(0, CALLS_MOST + 1);
  }
  draw();
}

function draw() {
  const live = heard && stream.silence < SILENT_MS;
  drawPage(live ? page : NEUTRAL);
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
function drawCall(call, { ticket, window }) {
  const fresh = byId('ticket').textContent !== ticket || byId('window').textContent !== window;
  if (!fresh) return;
  say('ticket', ticket ?? '');
  say('window', window ?? '');
  byId('ticket').toggleAttribute('data-long', (ticket ?? '').length > 5);
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
    render: ({ ticket, window }) => h('li', {}, h('b', {}, ticket), h('span', {}, `${window} 号窗口`)),
  });
  byId('calls-box').hidden = others.length === 0;
}

/** @param {import('./picture.js').Wait[]} waits what the daemon says may be shown; how many wait where it says no range */
function drawWaits(waits) {
  const rows = waits.flatMap(({ service, waiting, shown }) => {
    const told = waiting && isGood(shown) && picture.services[service]?.public ? inWords(shown) : '';
    return told ? [{ id: service, name: picture.serviceName(service), told, waiting }] : [];
  });
  rows.sort((a, b) => b.waiting - a.waiting || (a.id < b.id ? -1 : 1));
  keep(byId('waits'), rows.slice(0, WAITS_MOST), {
    key: ({ id }) => id,
    signature: ({ told }) => told,
    render: ({ name, told }) => h('li', {}, name.zh, h('b', {}, told), h('span', { lang: 'en' }, name.en)),
  });
  byId('waits-box').hidden = rows.length === 0;
}

/** @param {import('./picture.js').Shown} shown */
function inWords({ low_min, high_min, ahead }) {
  if (low_min !== null) return `${low_min}–${high_min} 分`;
  return ahead ? `${ahead} 人在等` : '';
}

/** @param {boolean} live the time is the daemon's, so it goes when the daemon does */
function drawHead(live) {
  say('branch-zh', picture.branch?.name.zh ?? '');
  say('branch-en', picture.branch?.name.en ?? '');
  const timeZone = picture.branch?.timezone;
  say('clock', live ? new Date(clock.now()).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false, timeZone }) : '');
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
