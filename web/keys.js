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

/** Arrows move among the buttons of `list`. Call `settle` after each drawing. */
export function rove(list, options) {
  const stops = () => [...list.querySelectorAll('button')];
  list.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = stops();
    const to = next_index(event.key, all.indexOf(document.activeElement), all.length, options);
    if (to === undefined) return;
    event.preventDefault();
    all[to].focus();
    all[to].scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  const settle = () => {
    const all = stops();
    const here = all.find((one) => one === document.activeElement) ?? all.find((one) => one.hasAttribute('aria-current')) ?? all[0];
    for (const one of all) one.tabIndex = one === here ? 0 : -1;
  };
  list.addEventListener('focusin', settle);
  return settle;
}
