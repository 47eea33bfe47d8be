// The little that is needed to draw. Text only ever enters as textContent.
import { initials, tint } from './format.js';

export const at = (id) => document.getElementById(id);

/** h('li', {class: 'x', onclick: f, 'aria-label': 'y'}, 'text', child …); null, false and undefined children are left out. */
export function h(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false || value === null) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

/** An outlined picture from one path of a 24 × 24 box. */
export function picture(path, label) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  if (label) { svg.setAttribute('role', 'img'); svg.setAttribute('aria-label', label); } else svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export function set_text(node, text) { if (node.textContent !== text) node.textContent = text; }

/**
 * Makes the children of `parent` the given items, keyed: nodes stay where their key stays. `make(item)` builds a node;
 * it is built again when `same(old, item)` is false. Focus stays: inside a rebuilt node it goes to its successor, and it goes along where
 * a node is moved.
 */
export function reconcile(parent, items, { key, make, same }) {
  const old = parent.drawn ?? new Map();
  const drawn = new Map();
  const wanted = new Set(items.map(key));
  for (const [name, { node }] of old) if (!wanted.has(name)) node.remove();
  let focus = parent.contains(document.activeElement) ? document.activeElement : undefined;
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const known = old.get(name);
    let node = known?.node;
    if (!known || !same(known.item, item)) {
      const fresh = make(item);
      if (focus && node?.contains(focus)) focus = successor(focus, fresh);
      if (node) { if (cursor === node) cursor = fresh; node.replaceWith(fresh); }
      node = fresh;
    }
    drawn.set(name, { node, item });
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
  while (cursor) { const next = cursor.nextElementSibling; cursor.remove(); cursor = next; }
  if (focus?.isConnected && focus !== document.activeElement) focus.focus({ preventScroll: true });
  parent.drawn = drawn;
}

function successor(node, within) {
  const role = node.getAttribute('data-focus');
  return within.querySelector(role ? `[data-focus="${role}"]` : 'button') ?? undefined;
}

/** Calls `draw` once for any number of calls in a row; also while the window is in the background. */
export function coalesced(draw) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    const run = () => { if (!due) return; due = false; draw(); };
    if (document.hidden) setTimeout(run, 0); else requestAnimationFrame(run);
  };
}

/** The round picture of a person, or of a group. */
export function avatar_into(node, name, group = false) {
  node.className = `avatar tint-${tint(name)}${group ? ' group' : ''}`;
  set_text(node, initials(name));
}

export function avatar_of(name, { group = false, status } = {}) {
  const node = h('span', { 'aria-hidden': 'true', 'data-status': status });
  avatar_into(node, name, group);
  return node;
}
