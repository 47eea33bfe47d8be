// A chat server of two events and no memory, that makes the mistakes a test asks for: what a load generator has to notice.
import { createHash } from 'node:crypto';
import http from 'node:http';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function frame(text) {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
}

/** Takes whole frames off `bytes`, at most 64 KiB each: their texts, and what is left. */
function unframe(bytes) {
  const texts = [];
  for (;;) {
    if (bytes.length < 2) break;
    const length = bytes[1] & 127;
    const head = length === 126 ? 4 : 2;
    if (bytes.length < head + 4) break;
    const size = length === 126 ? bytes.readUInt16BE(2) : length;
    if (bytes.length < head + 4 + size) break;
    const mask = bytes.subarray(head, head + 4);
    texts.push(Buffer.from(bytes.subarray(head + 4, head + 4 + size).map((byte, i) => byte ^ mask[i % 4])).toString());
    bytes = bytes.subarray(head + 4 + size);
  }
  return { texts, left: bytes };
}

export class TinyChat {
  /** `deliver(n, messages)`: of the n-th message and those held back before, which go out now; `answer(n)`: what its sender is told. */
  static async start({ deliver = (n, message) => [message], answer = () => ({ ok: true, data: {} }), hello = true } = {}) {
    const chat = new TinyChat();
    Object.assign(chat, { deliver, answer, hello, users: new Map(), sockets: new Set(), count: 0, connects: 0 });
    chat.server = http.createServer((request, response) => { response.writeHead(404, { 'Content-Length': '2' }); response.end('{}'); });
    chat.server.on('upgrade', (request, socket) => chat.#greet(request, socket));
    await new Promise((done) => { chat.server.listen(0, '127.0.0.1', done); });
    chat.port = chat.server.address().port;
    return chat;
  }

  #greet(request, socket) {
    this.connects += 1;
    const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + guid).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.setNoDelay(true);
    let bytes = Buffer.alloc(0);
    const person = { say: (text) => { if (!socket.destroyed) socket.write(frame(text)); } };
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk) => {
      const { texts, left } = unframe(Buffer.concat([bytes, chunk]));
      bytes = left;
      for (const text of texts) this.#hear(person, text);
    });
    person.say('0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}');
  }

  #hear(person, text) {
    if (text.startsWith('40')) {
      person.user = JSON.parse(text.slice(2)).user;
      this.users.set(person.user, person);
      person.say('40{"sid":"n"}');
      if (this.hello) person.say(`42["hello",{"user":"${person.user}"}]`);
      return;
    }
    const [, id, body] = /^42(\d+)(\[.*)$/s.exec(text) ?? [];
    if (!body) return;
    const [event, wish] = JSON.parse(body);
    if (event !== 'message.send') { person.say(`43${id}[{"ok":false,"error":{"code":"unknown_event"}}]`); return; }
    this.#pass(person, id, wish);
  }

  #pass(person, id, wish) {
    const n = this.count++;
    // Keys in another order than Kith's: a generator that reads by place alone would not find them.
    for (const { to, text } of this.deliver(n, { to: wish.to, text: wish.text })) {
      this.users.get(to)?.say(`42["message.new",${JSON.stringify({ text, seq: n + 1, sender: person.user, cid: 'c' })}]`);
    }
    const answer = this.answer(n);
    if (answer) person.say(`43${id}[${JSON.stringify(answer)}]`);
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => { this.server.close(done); });
  }
}
