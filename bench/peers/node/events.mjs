// What a client may ask, by name, in the words of Kith's protocol. A handler returns what the acknowledgement carries, or a promise of
// it; message.send answers for itself, because when it does is what is measured.
import { fault } from './chat.mjs';

const cursors_max = 1_000;
const watched_max = 1_000;

const room_of = (body) => `r:${body.room}`;

export class Events {
  #presence;

  constructor(chat, presence) {
    this.chat = chat;
    this.#presence = presence;
    this.table = new Map(Object.entries({
      'message.send': (socket, body, ack) => { chat.send(socket, body, ack); return unanswered; },
      'message.history': (socket, body) => chat.history(socket.data.user, body),
      'conversation.create': (socket, body) => chat.create_group(socket.data.user, body),
      'member.add': (socket, body) => chat.add_members(chat.cid_of(body, socket.data.user), body),
      'receipt.read': (socket, body) => this.#mark(socket, body, 'message.read', 'read_seq'),
      'receipt.delivered': (socket, body) => this.#mark(socket, body, 'message.delivered', 'delivered_seq'),
      'typing.start': (socket, body) => this.#typing(socket, body, 'typing.start'),
      'typing.stop': (socket, body) => this.#typing(socket, body, 'typing.stop'),
      'presence.subscribe': (socket, body) => this.#presence.watch(socket, body.users.slice(0, watched_max)),
      'room.join': (socket, body) => this.#join(socket, body),
      'room.leave': (socket, body) => this.#leave(socket, body),
      'room.send': (socket, body) => this.#room(socket, body),
      time: () => ({ server_time: new Date().toISOString() }),
    }));
  }

  /** One function for all sockets and all events: a listener for each event would cost each connection a few hundred bytes. */
  heard(socket, name, body, ack) {
    const answer = typeof ack === 'function' ? ack : typeof body === 'function' ? body : undefined;
    const refuse = (error) => answer?.({ ok: false, error: { code: error.code ?? 'internal', message: error.message, retryable: false } });
    const handler = this.table.get(name);
    if (!handler) return refuse(fault('unknown_event', `there is no ${name}`));
    if (!body || typeof body !== 'object') return refuse(fault('validation_failed', 'say an object'));
    try {
      const said = handler(socket, body, answer);
      if (said === unanswered || !answer) return;
      if (said instanceof Promise) said.then((data) => answer({ ok: true, data }), refuse);
      else answer({ ok: true, data: said });
    } catch (error) { refuse(error); }
  }

  async #mark(socket, { cursors = [] }, event, field) {
    const { user } = socket.data;
    for (const { cid, seq } of cursors.slice(0, cursors_max)) await this.chat.tell_others(user, cid, event, { cid, members: [{ user, [field]: seq }] });
    return { cursors, total_unread: 0 };
  }

  async #typing(socket, body, event) {
    const { user } = socket.data;
    const cid = this.chat.cid_of(body, user);
    await this.chat.tell_others(user, cid, event, { cid, user });
    return {};
  }

  #join(socket, body) {
    socket.join(room_of(body));
    socket.to(room_of(body)).emit('room.joined', { room: body.room, user: socket.data.user });
    const there = socket.adapter.rooms.get(room_of(body));
    const users = [...there].slice(0, cursors_max).map((id) => socket.nsp.sockets.get(id)?.data.user).sort();
    return { room: body.room, users, total: there.size };
  }

  #leave(socket, body) {
    socket.leave(room_of(body));
    socket.to(room_of(body)).emit('room.left', { room: body.room, user: socket.data.user });
    return {};
  }

  #room(socket, { room, data, op, echo }) {
    const name = `r:${room}`;
    if (!socket.rooms.has(name)) throw fault('not_found', 'join the room first');
    // A tick that a client can not take now is of no use to it later.
    const to = echo ? socket.nsp.to(name) : socket.to(name);
    to.volatile.emit('room.data', op === undefined ? { room, from: socket.data.user, data } : { room, from: socket.data.user, op, data });
    return {};
  }
}

const unanswered = Symbol('answers for itself');

/** Who wants to know whether somebody is there. */
export class Presence {
  #watchers = new Map();   // user -> Set of sockets

  constructor(users) { this.users = users; }

  watch(socket, users) {
    socket.data.watched = users;
    for (const user of users) {
      const held = this.#watchers.get(user);
      if (held) held.add(socket); else this.#watchers.set(user, new Set([socket]));
    }
    return { users: users.map((user) => ({ user, status: this.users.has(user) ? 'online' : 'offline' })) };
  }

  forget(socket) {
    for (const user of socket.data.watched ?? []) {
      const held = this.#watchers.get(user);
      if (held?.delete(socket) && !held.size) this.#watchers.delete(user);
    }
  }

  changed(user, status) {
    for (const socket of this.#watchers.get(user) ?? []) socket.emit('presence.changed', { user, status });
  }
}
