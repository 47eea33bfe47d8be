// What all dialogs share. <dialog> brings focus, Escape and the rest of the page out of reach.
import { at, set_text } from './dom.js';

export const split_names = (text) => [...new Set(text.split(',').map((name) => name.trim()).filter(Boolean))];

export function show_problem(id, problem) {
  at(id).hidden = !problem;
  set_text(at(id), problem ?? '');
}

/** People one may want in a group: who is here, and whom one talks to; not those of `without`. */
export function candidates({ inbox, me }, without = []) {
  const users = new Set(inbox.here);
  for (const kept of inbox.conversations.values()) if (kept.peer) users.add(kept.peer);
  for (const user of [me, ...without]) users.delete(user);
  return [...users].sort((a, b) => a.localeCompare(b));
}

/** Asks before what can not be undone. True if the user wants it. */
export function confirmed({ title, text, yes, bad = false }) {
  const dialog = at('confirm-dialog');
  set_text(at('confirm-title'), title);
  set_text(at('confirm-text'), text);
  set_text(at('confirm-yes'), yes);
  at('confirm-yes').classList.toggle('bad', bad);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), { once: true }));
}

export function close_all() { for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close(); }
