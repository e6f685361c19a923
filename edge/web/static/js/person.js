/** Who holds this device: a pseudonym and a role, asked once and kept; no password at this stage. */

import { byId, h } from './dom.js';
import { named, t } from './i18n.js';

/** @typedef {{ staff: string, role: string }} Person */

const KEPT = 'lobby.person';
const ROLES = ['lobby_manager', 'lobby_guide', 'branch_head', 'supervisor', 'customer_manager', 'teller', 'guard', 'technician'];

/** @returns {Person | null} */
export function person() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? 'null');
    return typeof kept?.staff === 'string' && typeof kept?.role === 'string' ? kept : null;
  } catch {
    return null; // not ours to read: ask again
  }
}

/** @param {Person} someone */
export const keepPerson = (someone) => localStorage.setItem(KEPT, JSON.stringify(someone));

/**
 * Asks who is here; resolves when the dialog is closed, with null when nobody was chosen.
 * @param {Record<string, string[]>} staff pseudonyms by role; where there are none, one for each role is offered
 * @returns {Promise<Person | null>}
 */
export function ask(staff) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('sign-in'));
  const roles = ROLES.filter((role) => staff[role]?.length);
  const offered = roles.length ? staff : Object.fromEntries(ROLES.map((role) => [role, [`${role.replace('_', '-')}-1`]]));
  byId('people').replaceChildren(...(roles.length ? roles : ROLES).map((role) => group(role, offered[role])));
  byId('keep').hidden = person() === null;
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    /** @type {Person | null} */
    let chosen = null;
    dialog.onclick = (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest('button');
      if (!button) return;
      const { staff: id, role } = button.dataset;
      if (id && role) chosen = { staff: id, role };
      dialog.close();
    };
    dialog.oncancel = (event) => person() || event.preventDefault(); // a second one closes it all the same
    dialog.onclose = () => resolve(chosen);
  });
}

/**
 * @param {string} role
 * @param {string[]} ids
 */
function group(role, ids) {
  const title = named('role', role);
  const buttons = ids.map((id) => h('button', { type: 'button', class: 'person', 'data-staff': id, 'data-role': role }, h('b', {}, id), h('small', {}, t('who.as', { role: title }))));
  return h('div', { class: 'people', role: 'group', 'aria-label': title }, ...buttons);
}
