/** Words in Chinese or English: the page's own from two catalogues, the branch's from texts that carry both. */

/** @typedef {'zh' | 'en'} Language */
/** @typedef {{ zh: string, en: string }} Words */

const KEPT = 'lobby.language';

/** @type {Record<Language, Record<string, string>>} */
const catalogues = { zh: {}, en: {} };
/** @type {Language} */
let current = 'zh';

/** Reads both catalogues and takes the language this device was last set to. */
export async function load() {
  const [zh, en] = await Promise.all(['zh', 'en'].map(async (name) => (await fetch(`/static/i18n/${name}.json`)).json()));
  Object.assign(catalogues, { zh, en });
  speak(chosen() ?? 'zh');
}

/** @returns {Language | null} the language chosen on this device */
export function chosen() {
  const kept = localStorage.getItem(KEPT);
  return kept === 'zh' || kept === 'en' ? kept : null;
}

/** @returns {Language} */
export const language = () => current;

/**
 * Speaks a language from now on; `remember` keeps it for the next time.
 * @param {Language} wanted
 * @param {boolean} [remember]
 */
export function speak(wanted, remember = false) {
  current = wanted;
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en';
  if (remember) localStorage.setItem(KEPT, wanted);
  translate(document);
}

/**
 * The page's own words under a key, placeholders filled; the key itself where there are none.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = catalogues[current][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole));
}

/** @param {string} key whether there are words under it */
export const known = (key) => key in catalogues[current];

/**
 * A word for an id the daemon names (a zone, a reason, a state); the id itself where we have none.
 * @param {string} kind
 * @param {string} id
 */
export const named = (kind, id) => (known(`${kind}.${id}`) ? t(`${kind}.${id}`) : id);

/**
 * A text that carries both languages.
 * @param {Words | null | undefined} text
 */
export const words = (text) => (text ? text[current] || text.zh || text.en || '' : '');

/**
 * Fills what the page's HTML leaves to us: `data-t` is a key for the text, `data-t-label` one for the label.
 * @param {Document | Element} root
 */
function translate(root) {
  for (const element of root.querySelectorAll('[data-t]')) {
    element.textContent = t(/** @type {HTMLElement} */ (element).dataset.t ?? '');
  }
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(/** @type {HTMLElement} */ (element).dataset.tLabel ?? ''));
  }
}
