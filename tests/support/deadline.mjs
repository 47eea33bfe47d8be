// Waiting without sleeping: a promise or an event, with a deadline that says what was waited for.

export const default_deadline_ms = Number(process.env.KITH_TEST_DEADLINE_MS || 30_000);

/** Resolves as `promise` does, or rejects with `what` when `deadline_ms` passes first. */
export function within(promise, what, deadline_ms = default_deadline_ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadline_ms} ms: ${typeof what === 'function' ? what() : what}`)), deadline_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Next time `emitter` says `event`, its arguments. */
export function once(emitter, event, deadline_ms = default_deadline_ms) {
  let listener;
  const said = new Promise((resolve) => {
    listener = (...args) => resolve(args);
    emitter.once ? emitter.once(event, listener) : emitter.addEventListener(event, listener, { once: true });
  });
  return within(said, `event ${event}`, deadline_ms).finally(() => {
    (emitter.off || emitter.removeListener || emitter.removeEventListener)?.call(emitter, event, listener);
  });
}

/** For states nobody announces (/proc, another process): asks every 5 ms until `look` gives something truthy. */
export async function until(look, what, deadline_ms = default_deadline_ms) {
  const end = Date.now() + deadline_ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not within ${deadline_ms} ms: ${typeof what === 'function' ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
