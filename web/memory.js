// What the browser keeps: names used here, this window's name or token, a device id per name, messages not yet confirmed.
// Storage may be switched off; then the page works and forgets.

const recent_max = 4;

function read(storage, key, otherwise) {
  try {
    return JSON.parse(storage().getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(storage, key, value) {
  try {
    if (value === undefined) storage().removeItem(key); else storage().setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: nothing depends on it.
  }
}

const of_browser = () => globalThis.localStorage;
const of_window = () => globalThis.sessionStorage;

export const recent_names = () => read(of_browser, 'kith.names', []);

export function remember_name(name) {
  write(of_browser, 'kith.names', [name, ...recent_names().filter((one) => one !== name)].slice(0, recent_max));
}

/** {name} or {token}: who this window is, so that a reload asks nothing. A second window asks again and may be someone else. */
export const window_identity = () => read(of_window, 'kith.identity', undefined);
export const keep_identity = (identity) => write(of_window, 'kith.identity', identity);

export function random_id() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_');
}

/** Ordered by time, which keeps the server's index of them cheap. */
export const new_client_id = () => Date.now().toString(36).padStart(9, '0') + random_id();

/** The server keeps how far this device has received. */
export function device_of(key) {
  const devices = read(of_browser, 'kith.devices', {});
  if (!devices[key]) {
    devices[key] = `web-${random_id()}`;
    write(of_browser, 'kith.devices', devices);
  }
  return devices[key];
}

export const kept_outbox = (user) => read(of_window, `kith.outbox.${user}`, []);
export const keep_outbox = (user, entries) => write(of_window, `kith.outbox.${user}`, entries.length ? entries : undefined);
