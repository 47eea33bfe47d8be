// A client that costs next to nothing: Socket.IO 5 over a WebSocket, frames read where they lie, nothing parsed but what is asked for.
// So that what is measured is the server, and thousands of clients fit into one process.
import net from 'node:net';

const head_end = Buffer.from('\r\n\r\n');
const text_frame = 0x81;
const opcode_close = 8;
const opcode_ping = 9;
const new_message = Buffer.from('2["message.new",');
const retry_ms_min = 20;

/** A masked frame; the key 0 leaves the text as it is. */
function frame(text, first = text_frame) {
  const bytes = Buffer.byteLength(text);
  const extended = bytes < 126 ? 0 : bytes < 65_536 ? 2 : 8;
  const out = Buffer.alloc(6 + extended + bytes);
  out[0] = first;
  out[1] = 0x80 | (extended === 0 ? bytes : extended === 2 ? 126 : 127);
  if (extended === 2) out.writeUInt16BE(bytes, 2);
  if (extended === 8) out.writeBigUInt64BE(BigInt(bytes), 2);
  out.write(text, 6 + extended);
  return out;
}
const pong = frame('3');

/** The text between `name":"` and the next quote, or undefined; for ids, which hold no escapes. */
export function field(text, name) {
  const at = text.indexOf(`"${name}":"`);
  if (at < 0) return undefined;
  const from = at + name.length + 4;
  return text.slice(from, text.indexOf('"', from));
}

/** The number behind `name":`; NaN where there is none (null too). */
export function number(text, name) {
  const at = text.indexOf(`"${name}":`);
  return at < 0 ? NaN : Number.parseInt(text.slice(at + name.length + 3, at + name.length + 20), 10);
}

export class Peer {
  /** `auth` of the CONNECT; `on_message(text)`: message.new as it came; `on_event(name, text)`: any other event. */
  constructor(port, auth, { on_message = () => {}, on_event = () => {} } = {}) {
    Object.assign(this, { port, auth, on_message, on_event, asked: 0, refusals: [], closing: false, online: false });
    this.answers = new Map();
  }

  /** Connected and greeted: the body of `hello`. A paced refusal (503) is heeded and noted in `refusals`; anything else rejects. */
  async connect() {
    for (;;) {
      const refused = await this.#attempt();
      if (!refused) return this.hello;
      this.refusals.push(refused.status);
      if (!(refused.status === 503 && refused.retry_ms > 0)) throw new Error(`upgrade refused: ${refused.status} ${refused.text}`);
      await new Promise((done) => setTimeout(done, refused.retry_ms + retry_ms_min * Math.random()));
    }
  }

  #attempt() {
    return new Promise((done, fail) => {
      this.rest = undefined;
      this.upgraded = false;
      this.settle = { done, fail };
      this.socket = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true });
      this.socket.on('connect', () => this.socket.write(
        'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
        + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'));
      this.socket.on('data', (chunk) => this.#read(chunk));
      this.socket.on('error', (error) => fail(error));
      this.socket.on('close', () => this.#closed());
    });
  }

  #closed() {
    this.online = false;
    this.settle.fail(new Error(`closed before hello: ${this.rest?.toString('latin1').slice(0, 200) ?? ''}`));
    if (!this.closing) this.on_event('#closed', this.close_code ?? '');
  }

  #read(chunk) {
    const bytes = this.rest?.length ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = this.upgraded ? 0 : this.#answer(bytes);
    if (!this.upgraded) { this.rest = bytes; return; }
    for (;;) {
      if (bytes.length < at + 2) break;
      let size = bytes[at + 1] & 127;
      let from = at + 2;
      if (size === 126) { if (bytes.length < at + 4) break; size = bytes.readUInt16BE(at + 2); from += 2; }
      else if (size === 127) { if (bytes.length < at + 10) break; size = Number(bytes.readBigUInt64BE(at + 2)); from += 8; }
      if (bytes.length < from + size) break;
      this.#frame(bytes[at], bytes, from, from + size);
      at = from + size;
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : undefined;
  }

  /** The answer to the upgrade: where it ends, once it is there. */
  #answer(bytes) {
    const end = bytes.indexOf(head_end);
    if (end < 0) return 0;
    const text = bytes.latin1Slice(0, bytes.length);
    const status = Number(text.slice(9, 12));
    if (status === 101) { this.upgraded = true; return end + head_end.length; }
    const retry_s = /^retry-after: *(\d+)/im.exec(text)?.[1];
    this.socket.removeAllListeners('close');
    this.socket.destroy();
    this.settle.done({ status, retry_ms: Number(retry_s ?? 0) * 1_000, text: text.slice(end + 4) });
    return 0;
  }

  #frame(first, bytes, from, to) {
    if (first !== text_frame) {
      if ((first & 15) === opcode_close) this.close_code = bytes.latin1Slice(from + 2, to);
      if ((first & 15) === opcode_ping) this.socket.write(frame(bytes.latin1Slice(from, to), 0x8a));
      return;
    }
    switch (bytes[from]) {
      case 0x32: this.socket.write(pong); return;                                      // 2: a heartbeat
      case 0x30: this.socket.write(frame(`40${JSON.stringify(this.auth)}`)); return;   // 0: open
      case 0x34: this.#packet(bytes, from + 1, to); return;                            // 4: a Socket.IO packet
      default:
    }
  }

  #packet(bytes, from, to) {
    if (bytes.compare(new_message, 0, new_message.length, from, Math.min(to, from + new_message.length)) === 0) {
      this.on_message(bytes.latin1Slice(from + new_message.length, to - 1));
      return;
    }
    const text = bytes.utf8Slice(from, to);
    if (text[0] === '3') this.#answered(text);
    else if (text[0] === '4') this.settle.fail(new Error(`refused: ${text}`));
    else if (text[0] === '2') this.#event(text);
  }

  #event(text) {
    const name = text.slice(3, text.indexOf('"', 3));
    if (name === 'hello') {
      [, this.hello] = JSON.parse(text.slice(1));
      this.online = true;
      this.settle.done();
    } else this.on_event(name, text.slice(1));
  }

  #answered(text) {
    const start = text.indexOf('[');
    const id = Number(text.slice(1, start));
    const answer = this.answers.get(id);
    this.answers.delete(id);
    answer?.(text.slice(start + 1, -1));
  }

  /** Emits without waiting; `answer(text)` gets the acknowledgement as it came. */
  emit(event, body, answer) {
    this.answers.set(++this.asked, answer);
    this.socket.write(frame(`42${this.asked}${JSON.stringify([event, body])}`));
  }

  /** The data of a good acknowledgement. */
  call(event, body) {
    return new Promise((done, fail) => this.emit(event, body, (text) => {
      const { ok, data, error } = JSON.parse(text);
      if (ok) done(data);
      else fail(new Error(`${event}: ${JSON.stringify(error)}`));
    }));
  }

  stop_reading() { this.socket.pause(); }

  /** The wire is gone at once, as when a network fails. */
  cut() {
    this.closing = true;
    this.online = false;
    this.answers.clear();
    this.socket.resetAndDestroy();
  }
}

/** `count` things begun at most `at_once` at a time. */
export async function all(count, at_once, begin) {
  let next = 0;
  const one = async () => { while (next < count) { const i = next; next += 1; await begin(i); } };
  await Promise.all(Array.from({ length: Math.min(at_once, count) }, one));
}
