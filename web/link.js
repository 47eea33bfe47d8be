// The connection: the official client, with acks as promises and one word for its state.

const ack_deadline_ms = 10_000;
const refusals = {
  unauthenticated: 'The server does not accept this name or token.',
  token_expired: 'This token has expired.',
  forbidden: 'You may not come in here.',
  session_revoked: 'You were signed out by the server.',
  kicked: 'You were signed out by the server.',
  banned: 'You may not come in here.',
  rate_limited: 'Too many tries. Wait a moment.',
  overloaded: 'The server is full. Try again in a moment.',
};

export const explain = (error) => refusals[error?.code] ?? error?.message ?? 'The server closed the connection.';

/** While there is no connection; `because` is what session.closed said before. */
export function waiting_line(because, offline) {
  if (offline) return 'You are offline. What you write is sent when you are back.';
  if (because?.code === 'draining') return 'The server restarts. You are back in a moment…';
  return 'Connection lost. Reconnecting…';
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
  constructor(auth, on) {
    this.on = on;
    this.socket = globalThis.io({ auth, reconnectionDelay: 300, reconnectionDelayMax: 5_000, autoConnect: false });
    const { socket } = this;
    socket.on('connect', () => on.state('online'));
    socket.on('disconnect', (reason) => this.#disconnected(reason));
    socket.on('connect_error', (error) => {
      if (error.data?.code) on.state('refused', error.data); else on.state('waiting', error);
    });
    socket.onAny((event, body) => on.event(event, body));
    on.state('connecting');
    socket.connect();
  }

  get online() { return this.socket.connected; }

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
    if (this.socket.connected) return;
    this.socket.disconnect();
    this.socket.connect();
  }

  close() { this.socket.disconnect(); }
}
