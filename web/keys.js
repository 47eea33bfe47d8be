// Lists by keyboard: one stop for Tab, arrows inside (what screen readers and desktops call a roving tab stop).

/** Where `key` goes from `at` of `count`; undefined: nowhere. */
export function next_index(key, at, count, { along = 'y' } = {}) {
  if (!count) return undefined;
  const steps = along === 'x' ? { ArrowRight: 1, ArrowLeft: -1 } : { ArrowDown: 1, ArrowUp: -1 };
  if (Object.hasOwn(steps, key)) return Math.min(count - 1, Math.max(0, at + steps[key]));
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return undefined;
}

/**
 * Arrows move among the buttons of `list` (`among`: a selector for some of them); Tab comes to the current one, else to the first, or `last`.
 * Call `settle` after each drawing.
 */
export function rove(list, { along, among = 'button', last = false } = {}) {
  const stops = () => [...list.querySelectorAll(among)];
  list.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = stops();
    const at = all.indexOf(document.activeElement);
    const to = at < 0 ? undefined : next_index(event.key, at, all.length, { along });
    if (to === undefined) return;
    event.preventDefault();
    all[to].focus();
    all[to].scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  const settle = () => {
    const all = stops();
    const here = all.find((one) => one === document.activeElement) ?? all.find((one) => one.hasAttribute('aria-current')) ?? (last ? all.at(-1) : all[0]);
    for (const one of all) one.tabIndex = one === here ? 0 : -1;
  };
  list.addEventListener('focusin', settle);
  return settle;
}
