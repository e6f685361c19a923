/** The handheld page: what to do next, with the branch behind it. */

import { Alarm } from './alarm.js';
import { arm } from './arming.js';
import { card, signature } from './cards.js';
import { byId, keep } from './dom.js';
import { Explainer } from './explain.js';
import { tellTimes, troubles } from './figures.js';
import * as groups from './groups.js';
import { drawHall, troubled } from './hall.js';
import * as i18n from './i18n.js';
import { t, words } from './i18n.js';
import * as marks from './marks.js';
import { Outbox } from './outbox.js';
import { ask, keepPerson, person } from './person.js';
import { Picture } from './picture.js';
import { Stream } from './stream.js';

const TOAST_MS = 6_000;
const KINDS = ['snapshot', 'prompt', 'wait', 'device', 'queue', 'heartbeat'];

const picture = new Picture();
const alarm = new Alarm();
const outbox = new Outbox(draw, ({ error, key }) => toast(t('toast.refused', { sentence: i18n.known(`refusal.${key}`) ? t(`refusal.${key}`) : error })), (target) => picture.prompts.has(target));
const explainer = new Explainer(draw);
const stream = new Stream(KINDS, hear, showLink);

/** What is open on this page, and whose prompts it lists. */
const shown = { tab: 'prompts', filter: localStorage.getItem('lobby.filter') ?? 'mine', asking: /** @type {{ target: string, action: 'decline' | 'shelve' } | null} */ (null), whole: /** @type {Set<string>} */ (new Set()), groups: /** @type {Set<string>} */ (new Set()) };
/** How far each tab was scrolled when it was left. @type {Map<string, number>} */
const scrolled = new Map();
let link = 'connecting';
let drawing = false;
let asking = false;
let pressed = false;

/** @type {import('./cards.js').Desk} */
const desk = {
  picture,
  pending: (target) => outbox.pending(target).map(({ action }) => action),
  marks: marksOf,
  whole: (prompt) => shown.whole.has(prompt),
  /** @param {string} prompt */
  asking(prompt) {
    return shown.asking?.target === prompt ? shown.asking.action : null;
  },
};

/**
 * @param {string} kind
 * @param {any} data
 */
function hear(kind, data) {
  const fresh = picture.hear(kind, data);
  if (kind === 'prompt') outbox.seen(data.prompt);
  if (kind === 'snapshot') welcome();
  if (kind === 'snapshot' || kind === 'heartbeat') outbox.flush();
  if (kind === 'prompt' && data.again) alarm.again(data.prompt);
  if (fresh && isMine(fresh)) announce(fresh);
  explainer.keepOnly(picture.waiting.map(({ ticket }) => ticket));
  explainer.refresh();
  for (const prompt of picture.done.keys()) if (!owesAnswers(prompt)) picture.done.delete(prompt);
  const over = new Set(picture.over(person()?.staff).map(({ prompt }) => prompt));
  marks.keepOnly((prompt) => link !== 'online' || picture.prompts.has(prompt) || over.has(prompt));
  alarm.watch(waiting(), link === 'online');
  draw();
}

/** On the first snapshot: the branch's language unless this device has its own, and who is here. */
async function welcome() {
  if (!i18n.chosen() && i18n.language() !== picture.language) i18n.speak(picture.language);
  if (!person()) await signIn();
}

async function signIn() {
  if (asking) return;
  asking = true;
  const before = person();
  const chosen = await ask(picture.staff).finally(() => (asking = false));
  if (!chosen || (before && chosen.staff === before.staff && chosen.role === before.role)) return;
  if (before) outbox.add({ ...before, action: 'sign_out', target: before.staff, detail: {} });
  keepPerson(chosen);
  outbox.add({ ...chosen, action: 'sign_in', target: chosen.staff, detail: { role: chosen.role } });
}

/** @param {string[]} roles whether whoever is here is among them */
function meets(roles) {
  const role = person()?.role;
  return !role || roles.includes(role) || roles.includes('any_staff');
}

/**
 * Whether a prompt belongs on this device: also one that has since gone to somebody else, so that nothing vanishes unsaid.
 * @param {import('./picture.js').Prompt} prompt
 */
const isMine = ({ to, told = to }) => meets(told);

const mine = () => picture.listed().filter(isMine);

/** Prompts that wait for this very person. */
const waiting = () => picture.listed().filter(({ to }) => meets(to));

/**
 * What is known of the tickets a prompt named: what this device has noted, and whom the daemon says its holder asked.
 * @param {string} prompt
 * @returns {Record<string, string>} ticket → action
 */
function marksOf(prompt) {
  const asked = picture.asked(prompt, person()?.staff).map((ticket) => [ticket, 'asked']);
  return { ...Object.fromEntries(asked), ...marks.of(prompt) };
}

/**
 * Whether a customer whom this device has asked still waits and has not answered.
 * @param {string} prompt
 */
const owesAnswers = (prompt) => picture.waiting.some(({ ticket, declined }) => !declined && marksOf(prompt)[ticket] === 'asked');

/** @param {import('./picture.js').Prompt} prompt */
function announce({ priority, text }) {
  if (priority === 'silent') return;
  byId(priority === 'urgent' ? 'shouted' : 'spoken').textContent = t('spoken', { priority: t(`priority.${priority}`), text: words(text) });
}

/** @param {import('./stream.js').Link} now */
function showLink(now) {
  link = now;
  draw();
}

/** Draws everything that has changed, once for each frame. */
function draw() {
  if (drawing) return;
  drawing = true;
  (document.hidden ? queueMicrotask : requestAnimationFrame)(() => {
    drawing = false;
    drawBar();
    if (!pressed) {
      drawPrompts();
      drawHall(picture, explainer);
    }
    drawTabs();
    tellTimes(link === 'online');
    if (!pressed) arm(byId('prompts'));
  });
}

function drawBar() {
  const someone = person();
  const badge = byId('link');
  badge.dataset.link = link;
  badge.textContent = t(`link.${link}`);
  document.body.dataset.link = link;
  document.body.toggleAttribute('data-known', picture.known);
  byId('branch').textContent = words(picture.branch?.name);
  byId('who').textContent = someone ? someone.staff : t('who.none');
  byId('who').setAttribute('aria-label', someone ? t('who.label', { staff: someone.staff, role: i18n.named('role', someone.role) }) : t('who.none'));
  byId('language').textContent = i18n.language() === 'zh' ? 'EN' : '中文';
  byId('language').lang = i18n.language() === 'zh' ? 'en' : 'zh-CN';
  byId('gate').hidden = alarm.allowed;
  const trouble = link === 'reconnecting' ? t(picture.known ? 'trouble.link' : 'trouble.unheard') : troubles(picture);
  byId('trouble').hidden = !trouble;
  if (byId('trouble').textContent !== trouble) byId('trouble').textContent = trouble;
  document.title = `${mine().length ? `(${mine().length}) ` : ''}${t('title')}`;
}

function drawPrompts() {
  const listed = shown.filter === 'all' ? picture.listed() : mine();
  const how = {
    key: (/** @type {import('./picture.js').Prompt} */ prompt) => prompt.prompt,
    signature: (/** @type {import('./picture.js').Prompt} */ prompt) => signature(prompt, desk),
    render: (/** @type {import('./picture.js').Prompt} */ prompt) => card(prompt, desk),
  };
  const owing = picture.over(person()?.staff).filter(({ prompt }) => owesAnswers(prompt));
  const loud = [...listed.filter(({ priority }) => priority !== 'silent'), ...owing];
  const quiet = listed.filter(({ priority }) => priority === 'silent');
  keep(byId('cards'), loud, how);
  keep(byId('quiet-cards'), groups.grouped(quiet, shown.groups), {
    key: groups.key,
    signature: (group) => groups.signature(group, desk),
    render: (group) => groups.render(group, desk),
  });
  byId('quiet').hidden = quiet.length === 0;
  byId('quiet-count').textContent = String(quiet.length);
  byId('none').hidden = loud.length > 0 || !picture.known;
  const others = picture.listed().length - listed.length;
  byId('others').hidden = others === 0;
  byId('others').textContent = t('prompts.others', { n: others });
  for (const button of document.querySelectorAll('.switch [data-filter]')) {
    button.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (button).dataset.filter === shown.filter));
  }
}

function drawTabs() {
  const counts = { prompts: mine().filter(({ priority }) => priority !== 'silent').length, queue: picture.waiting.length, places: troubled(picture) };
  document.body.dataset.tab = shown.tab;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-tab]:is(button)'))) {
    const tab = /** @type {keyof typeof counts} */ (button.dataset.tab);
    if (tab === shown.tab) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
    /** @type {HTMLElement} */ (button.querySelector('b')).textContent = counts[tab] ? String(counts[tab]) : '';
  }
}

/**
 * Shows a tab where it was left; one that is opened for the first time, from its beginning.
 * @param {string} tab
 */
function turnTo(tab) {
  scrolled.set(shown.tab, scrollY);
  shown.tab = document.body.dataset.tab = tab;
  scrollTo(0, scrolled.get(tab) ?? 0);
}

/** @param {string} sentence */
function toast(sentence) {
  byId('toast').textContent = sentence;
  setTimeout(() => byId('toast').textContent === sentence && (byId('toast').textContent = ''), TOAST_MS);
}

/**
 * Does what a button says: an action of the contract, kept until the daemon has answered.
 * @param {DOMStringMap} button
 */
async function act({ act: action = '', target = '', of, reason, minutes }) {
  if ((action === 'decline' || action === 'shelve') && !reason) {
    shown.asking = desk.asking(target) === action ? null : { target, action };
    return draw();
  }
  if (!person()) await signIn();
  const someone = person();
  if (!someone) return undefined;
  shown.asking = null;
  if (of) marks.note(of, target, action);
  const detail = of ? { prompt: of } : { ...(reason && { reason }), ...(minutes && { minutes: Number(minutes) }) };
  return outbox.add({ ...someone, action, target, detail: /** @type {Record<string, string | number>} */ (detail) });
}

/** Nothing is replaced under a finger; what has changed meanwhile is drawn when it is lifted. */
function released() {
  pressed = false;
  draw();
}

function listen() {
  document.addEventListener('click', (event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest('button'));
    if (!button) return;
    const { act: action, tab, filter, whole, explain, group } = button.dataset;
    if (explain) explainer.toggle(explain);
    if (whole) shown.whole.add(whole);
    if (group && !shown.groups.delete(group)) shown.groups.add(group);
    if (action) act(button.dataset);
    if (tab) turnTo(tab);
    if (filter) localStorage.setItem('lobby.filter', (shown.filter = filter));
    draw();
  });
  for (const [name, id] of [['--bar', 'bar'], ['--tabs', 'tabs']]) {
    new ResizeObserver(() => document.documentElement.style.setProperty(name, `${byId(id).offsetHeight}px`)).observe(byId(id));
  }
  document.addEventListener('keydown', (event) => event.repeat && event.key === 'Enter' && event.preventDefault()); // a key held down acts once
  document.addEventListener('pointerdown', () => (pressed = true));
  for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, () => setTimeout(released));
  byId('language').addEventListener('click', () => i18n.speak(i18n.language() === 'zh' ? 'en' : 'zh', true));
  byId('who').addEventListener('click', signIn);
  document.addEventListener('visibilitychange', async () => {
    if (document.hidden) return;
    await alarm.wake();
    draw();
  });
  byId('gate').addEventListener('click', async () => {
    await alarm.allow();
    draw();
  });
  setInterval(() => {
    alarm.watch(waiting(), link === 'online');
    tellTimes(link === 'online');
  }, 1_000);
}

await i18n.load();
listen();
draw();
stream.start();
outbox.flush();
