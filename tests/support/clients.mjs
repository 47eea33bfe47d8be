// The official clients behind one face: every version × way of transport, events kept in a log that can be waited on.
import io2 from 'socket.io-client-v2';
import io3 from 'socket.io-client-v3';
import io4 from 'socket.io-client-v4';
import { default_deadline_ms, within } from './deadline.mjs';
import { documented } from './documents.mjs';

const libraries = { v2: io2, v3: io3.io || io3, v4: io4.io || io4 };
const events = new Set(documented('Server to client'));
const transports = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

export const versions = Object.keys(libraries);
export const ways = Object.keys(transports);
export const matrix = versions.flatMap((version) => ways.map((way) => ({ version, way, name: `${version} ${way}` })));

export class Client {
  constructor(url, { version = 'v4', way = 'websocket', user, device, token, auth, query, options = {}, path = '', keeps = true } = {}) {
    this.version = version;
    this.way = way;
    this.user = user;
    this.entries = [];   // {event, args}: everything heard, in order; life events too, as '#connect', '#disconnect', '#refused'
    this.keeps = keeps;  // false: a long talk is kept by who listens, not here
    this.waiting = new Set();
    this.connects = 0;
    const who = auth || Object.fromEntries(Object.entries({ user: token ? undefined : user, token, device }).filter(([, value]) => value !== undefined));
    this.socket = libraries[version](url + path, {
      transports: transports[way], upgrade: way === 'upgrade', forceNew: true, timeout: 5_000,
      reconnectionDelay: 40, reconnectionDelayMax: 200, randomizationFactor: 0.5,
      ...(version === 'v2' ? { query: { ...who, ...query } } : { auth: who, query }),
      ...options,
    });
    this.#listen();
  }

  #listen() {
    const { socket } = this;
    socket.on('connect', () => { this.connects += 1; this.#hear('#connect', []); });
    socket.on('disconnect', (reason) => this.#hear('#disconnect', [reason]));
    if (this.version === 'v2') {
      socket.on('error', (error) => this.#hear('#refused', [error]));
      socket.on('connect_error', (error) => this.#hear('#unreachable', [error]));
      const heard = socket.onevent;
      socket.onevent = (packet) => { heard.call(socket, packet); this.#hear(packet.data[0], packet.data.slice(1)); };
    } else {
      socket.on('connect_error', (error) => this.#hear(error.data === undefined ? '#unreachable' : '#refused', [error.data ?? error]));
      socket.onAny((event, ...args) => this.#hear(event, args));
    }
  }

  #hear(event, args) {
    if (event === 'hello') this.is_kith = true;
    else if (this.is_kith && !event.startsWith('#') && !events.has(event)) throw new Error(`${event} is an event that docs/protocol.md does not name`);
    const entry = { event, args, body: args[0] };
    if (this.keeps) this.entries.push(entry);
    for (const wait of [...this.waiting]) wait(entry);
  }

  get mark() { return this.entries.length; }

  /** First body of `event` that `fits`, heard already (from `since`) or to come. */
  event(event, fits = () => true, { since = 0, deadline_ms = default_deadline_ms } = {}) {
    const past = this.entries.slice(since).find((entry) => entry.event === event && fits(entry.body));
    if (past) return Promise.resolve(past.body);
    let wait;
    const heard = new Promise((resolve) => {
      wait = (entry) => { if (entry.event === event && fits(entry.body)) resolve(entry.body); };
      this.waiting.add(wait);
    });
    const what = () => `${this.user} (${this.version} ${this.way}) hears ${event}; heard: ${this.entries.slice(-12).map((e) => e.event).join(' ')}`;
    return within(heard, what, deadline_ms).finally(() => this.waiting.delete(wait));
  }

  /** Bodies of all `event`s heard so far. */
  heard(event, fits = () => true) {
    return this.entries.filter((entry) => entry.event === event && fits(entry.body)).map((entry) => entry.body);
  }

  connected() { return this.event('#connect'); }
  hello() { return this.event('hello'); }
  refused() { return this.event('#refused'); }

  /** After the upgrade the engine's transport is the WebSocket; on the other ways at once. */
  async settled() {
    await this.connected();
    if (this.way !== 'upgrade') return;
    const { engine } = this.socket.io;
    if (engine.transport.name === 'websocket' && !engine.upgrading) return;
    await within(new Promise((done) => engine.once('upgrade', done)), `${this.version} upgrades`);
  }

  get transport() { return this.socket.io.engine?.transport?.name; }

  /** The ack itself: {ok, data} or {ok, error}. */
  ask(event, body, deadline_ms = default_deadline_ms) {
    const said = new Promise((resolve) => this.socket.emit(event, body, (...args) => resolve(args[0])));
    return within(said, `${this.user} (${this.version} ${this.way}) gets an ack for ${event}`, deadline_ms);
  }

  /** The data of a good ack; a bad one is thrown with its `code`. */
  async call(event, body, deadline_ms) {
    const ack = await this.ask(event, body, deadline_ms);
    if (ack?.ok !== true) throw Object.assign(new Error(`${event}: ${JSON.stringify(ack?.error ?? ack)}`), { code: ack?.error?.code, error: ack?.error });
    return ack.data;
  }

  /** The code of a refusal; a good ack is thrown. */
  async code(event, body) {
    const ack = await this.ask(event, body);
    if (ack?.ok !== false) throw new Error(`${event} should be refused: ${JSON.stringify(ack)}`);
    return ack.error.code;
  }

  /** Every message of a conversation, read forwards page by page. */
  async history(cid, limit = 100) {
    const messages = [];
    let after = 0;
    for (;;) {
      const page = await this.call('message.history', { cid, after, limit });
      messages.push(...page.messages);
      if (page.next === undefined) return messages;
      if (page.next <= after) throw new Error(`history does not advance: next ${page.next} after ${after}`);
      after = page.next;
    }
  }

  close() { this.socket.io.reconnection?.(false); this.socket.close(); this.socket.io.engine?.close?.(); }
}

/** A set of clients that end together. */
export class Crowd {
  constructor(url) { this.url = url; this.clients = []; }
  add(options) { const client = new Client(options.url || this.url, options); this.clients.push(client); return client; }
  /** Connected and greeted. */
  async join(options) { const client = this.add(options); await client.hello(); return client; }
  close() { for (const client of this.clients.splice(0)) client.close(); }
}
