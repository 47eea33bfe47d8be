// The connection: the official client, with acks as promises and one word for its state.

const ack_deadline_ms = 10_000;
const door_wait_ms = 2_000;
const for_now = new Set(['rate_limited', 'overloaded', 'unavailable', 'draining']);   // refused at the door, but not for good
const refusals = {
  unauthenticated: 'The server does not accept this name or token.',
  token_expired: 'This token has expired.',
  forbidden: 'You may not come in here.',
  session_revoked: 'You were signed out by the server.',
  kicked: 'You were signed out by the server.',
  banned: 'You may not come in here.',
};

const pauses = {
  draining: 'The server restarts. You are back in a moment…',
  rate_limited: 'Too much at once. You are back in a moment…',
  overloaded: 'The server is full. Trying again…',
};

export const explain = (error) => refusals[error?.code] ?? error?.message ?? 'The server closed the connection.';

/** While there is no connection; `because` is what session.closed said before. */
export function waiting_line(because, offline) {
  if (offline) return 'You are offline. What you write is sent when you are back.';
  return pauses[because?.code] ?? 'Connection lost. Reconnecting…';
}

/** The same at the door, where nobody is in yet. */
export function door_line(because, offline) {
  if (offline) return 'You are offline. Trying again…';
  if (because?.code === 'rate_limited') return 'Too many tries. Trying again in a moment…';
  return because?.code ? 'The server has no room just now. Trying again…' : 'The server does not answer. Trying again…';
}

/** A refused command: {code, message, retryable, retry_after_ms}. */
export class Refused extends Error {
  constructor({ code, message, ...more }) {
    super(message || code);
    Object.assign(this, { code, ...more });
  }
}

export class Link {
  /** `auth` as the protocol says; `on` = {state(state, detail), event(name, body)}; states: connecting online waiting refused closed. */
  constructor(auth, on, later = setTimeout) {
    this.on = on;
    this.later = later;
    this.socket = globalThis.io({ auth, reconnectionDelay: 300, reconnectionDelayMax: 5_000, autoConnect: false });
    const { socket } = this;
    socket.on('connect', () => on.state('online'));
    socket.on('disconnect', (reason) => this.#disconnected(reason));
    socket.on('connect_error', (error) => {
      if (for_now.has(error.data?.code)) this.#come_again(error.data);
      else if (error.data?.code) on.state('refused', error.data);
      else on.state('waiting', error);
    });
    socket.onAny((event, body) => on.event(event, body));
    on.state('connecting');
    socket.connect();
  }

  get online() { return this.socket.connected; }

  /** Whom the server refuses the official client does not bring back by itself. */
  #come_again(error) {
    this.on.state('waiting', error);
    clearTimeout(this.again);
    this.again = this.later(() => this.try_now(), error.retry_after_ms ?? door_wait_ms);
  }

  #disconnected(reason) {
    if (reason === 'io client disconnect') return;
    this.on.state(reason === 'io server disconnect' ? 'closed' : 'waiting', { reason });
  }

  /** Resolves with the ack's data. Never buffers: without a connection it is refused with `offline` at once. */
  async ask(event, body) {
    if (!this.socket.connected) throw new Refused({ code: 'offline', message: 'No connection.', retryable: true });
    let ack;
    try {
      ack = await this.socket.timeout(ack_deadline_ms).emitWithAck(event, body);
    } catch {
      const gone = !this.socket.connected;
      throw new Refused({ code: gone ? 'offline' : 'no_answer', message: gone ? 'The connection was lost.' : 'The server did not answer.', retryable: gone });
    }
    if (ack?.ok) return ack.data;
    throw new Refused(ack?.error ?? { code: 'internal', message: 'The answer was not understood.' });
  }

  /** Not to wait for the next try; a try under way is begun anew. */
  try_now() {
    clearTimeout(this.again);
    if (this.socket.connected) return;
    this.socket.disconnect();
    this.socket.connect();
  }

  close() { clearTimeout(this.again); this.socket.disconnect(); }
}
