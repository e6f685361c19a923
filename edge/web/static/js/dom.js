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
 * keyboard focus stays on the control with the same `data-focus`, or goes on to the next child.
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {{ key: (item: T) => string, signature: (item: T) => string, render: (item: T) => HTMLElement }} how
 */
export function keep(list, items, { key, signature, render }) {
  const old = new Map([...list.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key, child]));
  const focus = focusIn(list);
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
  if (focus && !focus.element.isConnected) refocus(list, focus);
}

/** @typedef {{ element: HTMLElement, key: string | undefined, place: number, quietly: boolean }} Focus */

/**
 * Where in a list the focus is; what was tapped and not reached by keys is not scrolled to.
 * @param {HTMLElement} list
 * @returns {Focus | null}
 */
function focusIn(list) {
  const element = /** @type {HTMLElement | null} */ (document.activeElement);
  if (!element || element === list || !list.contains(element)) return null;
  const place = [...list.children].findIndex((child) => child.contains(element));
  return { element, key: /** @type {HTMLElement} */ (list.children[place]).dataset.key, place, quietly: !element.matches(':focus-visible') };
}

/**
 * The same control; where it cannot be had now, its child; where that is gone, the next one, or else the heading.
 * @param {HTMLElement} list
 * @param {Focus} focus
 */
function refocus(list, { element, key, place, quietly }) {
  const children = /** @type {HTMLElement[]} */ ([...list.children]);
  const same = children.find((child) => child.dataset.key === key);
  const next = children[Math.min(place, children.length - 1)];
  const { focus } = element.dataset;
  const control = focus && same?.querySelector(`[data-focus="${CSS.escape(focus)}"]:enabled`);
  const first = (same ?? next)?.querySelector('button:enabled');
  const found = /** @type {HTMLElement | null | undefined} */ (control || (same && focus ? same : first) || same || list.closest('section')?.querySelector('h2'));
  if (!found) return;
  if (!found.matches('button')) found.tabIndex = -1;
  found.focus({ preventScroll: quietly });
}
