/** Elements without a framework: making them, and keeping a list of them in step with the data. */

/**
 * An element; `props` are attributes (true for bare ones, null or false for none), children are nodes or texts.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [props]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/**
 * The element of an id that the page is known to have.
 * @param {string} id
 * @returns {HTMLElement}
 */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * Makes the children of `list` those of `items`, in order. A child is made anew only when its signature has changed;
 * keyboard focus stays on the control with the same `data-focus`.
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {{ key: (item: T) => string, signature: (item: T) => string, render: (item: T) => HTMLElement }} how
 */
export function keep(list, items, { key, signature, render }) {
  const old = new Map([...list.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key, child]));
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const wanted = items.map((item) => {
    const before = /** @type {HTMLElement | undefined} */ (old.get(key(item)));
    const now = signature(item);
    if (before && before.dataset.signature === now) return before;
    const made = render(item);
    made.dataset.key = key(item);
    made.dataset.signature = now;
    return made;
  });
  const keepThese = new Set(wanted);
  for (const child of [...list.children]) if (!keepThese.has(/** @type {HTMLElement} */ (child))) child.remove();
  wanted.forEach((element, place) => {
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
  });
  refocus(list, focused);
}

/**
 * @param {HTMLElement} list
 * @param {Element | null} focused
 */
function refocus(list, focused) {
  if (!focused || focused.isConnected) return;
  const same = /** @type {HTMLElement} */ (focused).dataset.focus;
  const control = same ? list.querySelector(`[data-focus="${CSS.escape(same)}"]`) : null;
  if (control) /** @type {HTMLElement} */ (control).focus();
}
