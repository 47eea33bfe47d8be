// The wire with no client library between: HTTP requests byte by byte, long polling by hand, WebSocket frames good and bad.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { default_deadline_ms, within } from './deadline.mjs';

/** A TCP connection whose bytes are collected and can be waited on. */
export class Raw {
  static async open(port) {
    const raw = new Raw();
    raw.bytes = Buffer.alloc(0);
    raw.ended = false;
    raw.waiting = new Set();
    raw.socket = net.connect(port, '127.0.0.1');
    raw.socket.setNoDelay(true);
    const wake = () => { for (const look of [...raw.waiting]) look(); };
    raw.socket.on('data', (chunk) => { raw.bytes = Buffer.concat([raw.bytes, chunk]); wake(); });
    raw.socket.on('error', () => {});
    raw.socket.on('close', () => { raw.ended = true; wake(); });
    raw.socket.on('end', () => { raw.finished = true; wake(); });
    await within(new Promise((done, fail) => { raw.socket.once('connect', done); raw.socket.once('error', fail); }), 'a TCP connection');
    return raw;
  }

  write(bytes) { if (!this.ended) this.socket.write(bytes); return this; }

  /** Whatever `take(bytes)` makes of what has arrived, as soon as it is not undefined. */
  read(take, what = 'bytes', deadline_ms = default_deadline_ms) {
    let look;
    const got = new Promise((resolve, reject) => {
      look = () => {
        const value = take(this.bytes);
        if (value !== undefined) { this.waiting.delete(look); resolve(value); }   // now: the next chunk may come before the promise is heard
        else if (this.ended) reject(new Error(`closed before ${what}; had ${JSON.stringify(this.bytes.toString('latin1').slice(0, 300))}`));
      };
      this.waiting.add(look);
      look();
    });
    return within(got, what, deadline_ms).finally(() => this.waiting.delete(look));
  }

  /** Closed by the other side (or by us). */
  closed(deadline_ms = default_deadline_ms) {
    let look;
    const end = new Promise((resolve) => { look = () => { if (this.ended || this.finished) resolve(); }; this.waiting.add(look); look(); });
    return within(end, 'the connection is closed', deadline_ms).finally(() => this.waiting.delete(look));
  }

  /** One HTTP answer, removed from what was read: {status, headers, body}. */
  answer(deadline_ms) {
    return this.read((bytes) => {
      const head_end = bytes.indexOf('\r\n\r\n');
      if (head_end < 0) return undefined;
      const [first, ...lines] = bytes.subarray(0, head_end).toString('latin1').split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
      const status = Number(first.split(' ')[1]);
      if (/chunked/i.test(headers['transfer-encoding'] ?? '')) {
        const whole = unchunk(bytes.subarray(head_end + 4));
        if (!whole) return undefined;
        this.bytes = bytes.subarray(head_end + 4 + whole.used);
        return { status, headers, body: whole.body, text: whole.body.toString('utf8') };
      }
      const length = status === 101 || status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? NaN);
      if (Number.isNaN(length) && !this.ended && !this.finished) return undefined;   // up to the end of the connection
      const to = Number.isNaN(length) ? bytes.length : head_end + 4 + length;
      if (bytes.length < to) return undefined;
      const body = bytes.subarray(head_end + 4, to);
      this.bytes = bytes.subarray(to);
      return { status, headers, body, text: body.toString('utf8') };
    }, 'an HTTP answer', deadline_ms);
  }

  close() { this.socket.destroy(); }
}

/** {body, used} of a complete chunked body, else undefined. */
function unchunk(bytes) {
  const parts = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = parseInt(bytes.subarray(at, end).toString('latin1'), 16);
    const next = end + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), used: next };
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = next;
  }
}

export function head(method, path, headers = {}) {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${path} HTTP/1.1\r\n${lines}\r\n`;
}

export async function http(port, method, path, { headers = {}, body, deadline_ms } = {}) {
  const raw = await Raw.open(port);
  try {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    raw.write(head(method, path, { Connection: 'close', ...(bytes ? { 'Content-Length': bytes.length } : {}), ...headers }));
    if (bytes) raw.write(bytes);
    return await raw.answer(deadline_ms);
  } finally {
    raw.close();
  }
}

export const target = (query) => `/socket.io/?${new URLSearchParams(query)}`;
let stamp = 0;

/** An Engine.IO session on long polling, its packets as text. */
export class Poll {
  static async open(port, { eio = 4, query = {} } = {}) {
    const poll = new Poll();
    Object.assign(poll, { port, eio });
    const answer = await http(port, 'GET', target({ EIO: eio, transport: 'polling', t: `t${++stamp}`, ...query }));
    if (answer.status !== 200) throw new Error(`handshake: ${answer.status} ${answer.text}`);
    [poll.first, ...poll.packets] = poll.split(answer.text);
    poll.open = JSON.parse(poll.first.slice(1));
    poll.sid = poll.open.sid;
    poll.answer = answer;
    return poll;
  }

  get path() { return target({ EIO: this.eio, transport: 'polling', sid: this.sid, t: `t${++stamp}` }); }

  split(text) {
    if (this.eio === 4) return text.split('\x1e');
    const packets = [];
    for (let rest = text; rest;) {
      const colon = rest.indexOf(':');
      const length = Number(rest.slice(0, colon));
      packets.push(rest.slice(colon + 1, colon + 1 + length));
      rest = rest.slice(colon + 1 + length);
    }
    return packets;
  }

  join(packets) { return this.eio === 4 ? packets.join('\x1e') : packets.map((packet) => `${packet.length}:${packet}`).join(''); }

  get_raw(options) { return http(this.port, 'GET', this.path, options); }
  post_raw(body, options) { return http(this.port, 'POST', this.path, { body, ...options, headers: { 'Content-Type': 'text/plain;charset=UTF-8', ...options?.headers } }); }

  async post(...packets) {
    const answer = await this.post_raw(this.join(packets));
    if (answer.status !== 200 || answer.text !== 'ok') throw new Error(`POST: ${answer.status} ${answer.text}`);
  }

  async poll() {
    const answer = await this.get_raw();
    if (answer.status !== 200) throw Object.assign(new Error(`GET: ${answer.status} ${answer.text}`), { answer });
    return this.split(answer.text);
  }

  /** Polls until a packet `fits`; heartbeats of the server are answered on the way. */
  async until(fits, what = 'a packet', { pong = true } = {}) {
    for (let polls = 0; polls < 50; polls += 1) {
      while (this.packets.length) { const packet = this.packets.shift(); if (fits(packet)) return packet; }
      this.packets.push(...await this.poll());
      if (pong && this.eio === 4 && this.packets.includes('2')) await this.post('3');
    }
    throw new Error(`no ${what} in 50 polls`);
  }

  /** CONNECT of the default namespace as `user`; the reply is read, and hello. */
  async connect(user) {
    if (this.eio === 4) await this.post(`40${JSON.stringify({ user })}`);
    const reply = await this.until((packet) => packet.startsWith('40'), 'CONNECT reply');
    await this.until((packet) => packet.startsWith('42["hello"'), 'hello');
    return reply;
  }

  /** The session is unknown to the server, now or soon. */
  async gone() {
    const end = Date.now() + default_deadline_ms;
    for (;;) {
      const answer = await this.get_raw();
      if (answer.status === 400 && JSON.parse(answer.text || '{}').code === 1) return;
      if (Date.now() > end) throw new Error(`session still there: ${answer.status} ${answer.text}`);
    }
  }
}

export const op = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** A frame as a client sends it; every rule can be broken. */
export function frame(opcode, payload = '', { fin = true, rsv = 0, mask = true, length } = {}) {
  const data = Buffer.from(payload);
  const said = length ?? data.length;
  const start = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  if (said < 126) start.push((mask ? 0x80 : 0) | said);
  else if (said < 65536) start.push((mask ? 0x80 : 0) | 126, said >> 8, said & 255);
  else { const size = Buffer.alloc(8); size.writeBigUInt64BE(BigInt(said)); start.push((mask ? 0x80 : 0) | 127, ...size); }
  if (!mask) return Buffer.concat([Buffer.from(start), data]);
  const key = randomBytes(4);
  return Buffer.concat([Buffer.from(start), key, data.map((byte, i) => byte ^ key[i & 3])]);
}

const upgrade_headers = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };

/** Asks for the upgrade only: the answer, and the connection it came on. */
export async function ask_upgrade(port, path, headers = {}) {
  const raw = await Raw.open(port);
  raw.write(head('GET', path, { ...upgrade_headers, ...headers }));
  return { raw, answer: await raw.answer() };
}

export class WebSocketWire {
  static async open(port, query, headers) {
    const { raw, answer } = await ask_upgrade(port, target({ EIO: 4, transport: 'websocket', ...query }), headers);
    if (answer.status !== 101) { raw.close(); throw Object.assign(new Error(`upgrade: ${answer.status} ${answer.text}`), { answer }); }
    const wire = new WebSocketWire();
    Object.assign(wire, { raw, answer });
    return wire;
  }

  /** Open packet read and, with `user`, CONNECT done and hello read. */
  static async session(port, { eio = 4, user, query = {} } = {}) {
    const wire = await WebSocketWire.open(port, { EIO: eio, ...query, ...(eio === 3 && user ? { user } : {}) });
    wire.open = JSON.parse((await wire.text()).slice(1));
    if (user === undefined) return wire;
    if (eio === 4) wire.send(`40${JSON.stringify({ user })}`);
    wire.reply = await wire.until((text) => text.startsWith('40'));
    await wire.until((text) => text.startsWith('42["hello"'));
    return wire;
  }

  send(text) { this.raw.write(frame(op.text, text)); return this; }
  binary(bytes) { this.raw.write(frame(op.binary, bytes)); return this; }
  write(bytes) { this.raw.write(bytes); return this; }

  /** Next frame: {opcode, fin, payload}. */
  next(deadline_ms) {
    return this.raw.read((bytes) => {
      if (bytes.length < 2) return undefined;
      let size = bytes[1] & 127;
      let at = 2;
      if (size === 126) { if (bytes.length < 4) return undefined; size = bytes.readUInt16BE(2); at = 4; }
      else if (size === 127) { if (bytes.length < 10) return undefined; size = Number(bytes.readBigUInt64BE(2)); at = 10; }
      if (bytes.length < at + size) return undefined;
      this.raw.bytes = bytes.subarray(at + size);
      return { opcode: bytes[0] & 15, fin: Boolean(bytes[0] & 128), masked: Boolean(bytes[1] & 128), payload: bytes.subarray(at, at + size) };
    }, 'a WebSocket frame', deadline_ms);
  }

  /** Next text; WebSocket pings are answered on the way. */
  async text(deadline_ms) {
    for (;;) {
      const got = await this.next(deadline_ms);
      if (got.opcode === op.text) return got.payload.toString('utf8');
      if (got.opcode === op.ping) this.write(frame(op.pong, got.payload));
      if (got.opcode === op.close) throw new Error(`closed with ${got.payload.length ? got.payload.readUInt16BE(0) : 'no code'} while text was expected`);
    }
  }

  /** Next text that fits; heartbeats are answered on the way. */
  async until(fits, deadline_ms) {
    for (;;) {
      const text = await this.text(deadline_ms);
      if (text === '2') this.send('3');
      if (fits(text)) return text;
    }
  }

  /** The ack of an event: its data. */
  async ask(event, body, id = 1) {
    this.send(`42${id}${JSON.stringify([event, body])}`);
    const text = await this.until((packet) => packet.startsWith(`43${id}[`));
    return JSON.parse(text.slice(`43${id}`.length))[0];
  }

  /** The code the server closes with; undefined if it only drops the connection. */
  async close_code(deadline_ms) {
    for (;;) {
      let got;
      try { got = await this.next(deadline_ms); } catch (error) { if (this.raw.ended) return undefined; throw error; }
      if (got.opcode === op.close) return got.payload.length >= 2 ? got.payload.readUInt16BE(0) : undefined;
    }
  }

  /** The server ends it: its close frame is answered as every client does, or it just drops the connection. */
  async closed(deadline_ms) {
    const code = await this.close_code(deadline_ms);
    this.write(frame(op.close, code === undefined ? '' : Buffer.from([code >> 8, code & 255])));
    await this.raw.closed(deadline_ms);
    return code;
  }

  close() { this.raw.close(); }
}
