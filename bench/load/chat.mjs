// People who talk at a calm rate, and how long each message takes: from the write of the sender to the first event that shows it.
import { performance } from 'node:perf_hooks';
import { Peer, all, field } from './wire.mjs';

const connects_at_once = 50;
const drain_ms_max = 10_000;

export class Chat {
  /** `conversations` of `members` people each, nobody in two of them; two members are a one-to-one conversation. */
  static async open(port, { name, conversations, members, text_bytes = 64 }) {
    const chat = new Chat();
    Object.assign(chat, { name, text: '.'.repeat(text_bytes), rooms: [], peers: [], sent: [], delivered: [], acked: [], refused: [], strange: [], outstanding: 0, turn: 0 });
    await all(conversations * members, connects_at_once, async (i) => {
      const peer = new Peer(port, { user: `${name}_${i}`, device: 'd' }, { on_message: (text) => chat.#shown(text), on_event: (event, text) => chat.#event(event, text) });
      chat.peers[i] = peer;
      await peer.connect();
    });
    await all(conversations, connects_at_once, async (i) => {
      const [owner, ...others] = chat.peers.slice(i * members, (i + 1) * members);
      const users = others.map(({ auth: { user } }) => user);
      const { cid } = members === 2
        ? await owner.call('message.send', { to: users[0], text: 'first', client_id: 'first' })
        : await owner.call('conversation.create', { kind: 'group', title: name, members: users });
      chat.rooms[i] = { cid, peers: [owner, ...others] };
    });
    return chat;
  }

  #shown(text) {
    const client_id = field(text, 'client_id');
    if (!client_id?.startsWith('n')) return;
    this.outstanding -= 1;
    this.delivered.push(performance.now() - this.sent[Number(client_id.slice(1))]);
  }

  #event(event, text) {
    if (event === '#closed' || event === 'session.closed' || event === 'session.reset') this.strange.push(`${event} ${text}`);
  }

  #send() {
    const room = this.rooms[this.turn % this.rooms.length];
    const peer = room.peers[Math.floor(this.turn / this.rooms.length) % room.peers.length];
    this.turn += 1;
    const began = performance.now();
    const client_id = `n${this.sent.push(began) - 1}`;
    this.outstanding += room.peers.length;
    peer.emit('message.send', { cid: room.cid, client_id, text: this.text }, (answer) => {
      this.outstanding -= 1;
      if (answer.startsWith('{"ok":true')) { this.acked.push(performance.now() - began); return; }
      this.refused.push(answer);
      this.outstanding -= room.peers.length - 1;
    });
  }

  /** Talks for `ms` at `rate` messages a second, then waits for what is under way: {delivered, acked, refused, lacking}. */
  async talk(ms, rate) {
    Object.assign(this, { delivered: [], acked: [], refused: [], outstanding: 0 });
    const began = performance.now();
    await new Promise((done) => {
      let said = 0;
      const tick = () => {
        const passed = performance.now() - began;
        for (const due = Math.min(passed, ms) * rate / 1_000; said < due; said += 1) this.#send();
        if (passed < ms) setTimeout(tick, 1); else done();
      };
      tick();
    });
    for (const end = performance.now() + drain_ms_max; this.outstanding > 0 && performance.now() < end;) await new Promise((done) => setTimeout(done, 10));
    const { delivered, acked, refused, outstanding } = this;
    return { delivered, acked, refused, lacking: outstanding };
  }

  close() { for (const peer of this.peers) peer.cut(); }
}
