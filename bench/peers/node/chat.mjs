// Messages and groups: who gets what, when it is acknowledged, when it is stored.
import { randomUUID } from 'node:crypto';

const users_max = 1_000;   // of one request

export const fault = (code, message) => Object.assign(new Error(message), { code });

export const direct_cid = (one, other) => (one < other ? `d:${one}|${other}` : `d:${other}|${one}`);

const group_cid = (external_id) => `g:${external_id}`;

/** The other one of a direct conversation. */
function other_of(cid, user) {
  const [first, second] = cid.slice(2).split('|');
  if (first !== user && second !== user) throw fault('not_found', 'no such conversation');
  return first === user ? second : first;
}

export class Chat {
  #always_later;

  constructor({ io, users, store, bus, options }) {
    Object.assign(this, { io, users, store, bus, rooms: options.groups === 'rooms', alone: options.redis === 'off' });
    this.#always_later = options.ack === 'commit';
    this.counts = { direct: 0, group: 0, delivered: 0, offline: 0 };
  }

  /** Acknowledged and delivered after the commit. */
  get #later() { return this.#always_later || this.store.behind; }

  cid_of({ cid, external_id, to }, user) {
    if (cid) return cid;
    if (external_id) return group_cid(external_id);
    if (to) return direct_cid(user, to);
    throw fault('validation_failed', 'say cid, external_id or to');
  }

  send(socket, body, ack) {
    const from = socket.data.user;
    const cid = this.cid_of(body, from);
    if (typeof body.text !== 'string') throw fault('validation_failed', 'text is missing');
    const event = { id: body.client_id ?? randomUUID(), cid, sender: from, text: body.text, ts: Date.now() };
    if (cid.startsWith('d:')) this.#direct(socket, body.to ?? other_of(cid, from), event, ack);
    else this.#group(socket, event, ack);
  }

  #direct(socket, to, event, ack) {
    this.counts.direct += 1;
    const entry = { message: event, pair: event.sender < to ? [event.sender, to] : [to, event.sender] };
    const answer = () => { if (ack) ack({ ok: true, data: { id: event.id, cid: event.cid, ts: event.ts } }); };
    if (!this.users.has(to) && this.alone) {   // nobody is there: what he will be told goes with the message
      this.counts.offline += 1;
      entry.pending = [waiting(to, event)];
      if (this.#later) return this.store.save(entry, answer);
      answer();
      return this.store.save(entry);
    }
    const done = () => { answer(); if (!this.users.emit(to, 'message.new', event)) this.#elsewhere([to], event); };
    if (this.#later) return this.store.save(entry, done);
    done();
    this.store.save(entry);
  }

  #group(socket, event, ack) {
    this.counts.group += 1;
    const done = () => {
      if (ack) ack({ ok: true, data: { id: event.id, cid: event.cid, ts: event.ts } });
      if (this.rooms) socket.to(event.cid).emit('message.new', event);
      else this.#fan_out(event);
    };
    if (this.#later) return this.store.save({ message: event }, done);
    done();
    this.store.save({ message: event });
  }

  /** The group map's way: Socket.IO encodes once for all sockets of this node. */
  #fan_out(event) {
    const members = this.bus.members(event.cid);
    if (members instanceof Set) return this.#to_members(members, event);
    members.then((users) => { if (users) this.#to_members(users, event); }).catch((error) => console.error('members:', error.message));
  }

  #to_members(members, event) {
    const ids = [];
    const elsewhere = [];
    const id_of = (socket) => ids.push(socket.id);
    for (const user of members) {
      if (user === event.sender) continue;
      if (this.users.has(user)) this.users.each(user, id_of); else elsewhere.push(user);
    }
    if (ids.length) this.io.local.to(ids).emit('message.new', event);
    if (elsewhere.length) this.#elsewhere(elsewhere, event);
  }

  /** Who is not on this node: on another, or nowhere. */
  #elsewhere(users, event) {
    this.bus.route(users, 'message.new', event).then((nowhere) => {
      this.counts.offline += nowhere.length;
      if (nowhere.length) this.store.save({ pending: nowhere.map((user) => waiting(user, event)) });
    }).catch((error) => console.error('route:', error.message));
  }

  /** From another node. */
  heard({ users, event, body, joined, by }) {
    if (joined) return by === this.bus.node ? undefined : this.#join(joined.cid, joined.users);
    const gone = users.filter((user) => !this.users.emit(user, event, body));
    if (gone.length && event === 'message.new') this.store.save({ pending: gone.map((user) => waiting(user, body)) });
  }

  create_group(owner, { external_id, title = '', members = [] }) {
    const cid = group_cid(external_id ?? randomUUID());
    this.#grow(cid, title, [owner, ...members.filter((user) => user !== owner)]);
    return { cid, kind: 'group', title, external_id, members: members.length + 1 };
  }

  async add_members(cid, { users }) {
    check_users(users);
    const held = await this.bus.members(cid);
    if (!held) throw fault('not_found', 'no such conversation');
    this.#grow(cid, '', [...new Set([...held, ...users])], users);
    return { added: users };
  }

  #grow(cid, title, all, added = all) {
    check_users(added);
    this.bus.set_group(cid, all, added);
    this.store.add_group(cid, title, added);
    if (!this.rooms) return;
    this.#join(cid, added);
    this.bus.announce({ joined: { cid, users: added } });
  }

  #join(cid, members) { for (const user of members) this.users.each(user, (socket) => socket.join(cid)); }

  async history(user, body) {
    const limit = Math.min(body.limit ?? 50, 100);
    const rows = await this.store.page(this.cid_of(body, user), body, limit);
    const messages = rows.map(({ no, ...message }) => ({ ...message, seq: no }));
    const more = messages.length === limit ? (body.after !== undefined ? { next: rows.at(-1).no } : { prev: rows[0].no }) : {};
    return { messages, ...more };
  }

  /** Whatever is not kept: to all others of a conversation. */
  async tell_others(user, cid, event, body) {
    if (cid.startsWith('d:')) return this.#pass([other_of(cid, user)], event, body);
    const members = await this.bus.members(cid);
    if (!members?.has(user)) throw fault('not_found', 'no such conversation');
    this.#pass([...members].filter((member) => member !== user), event, body);
  }

  #pass(users, event, body) {
    const elsewhere = users.filter((user) => !this.users.emit(user, event, body));
    if (elsewhere.length) this.bus.route(elsewhere, event, body).catch((error) => console.error('route:', error.message));
  }
}

const waiting = (user, event) => ({ user, payload: JSON.stringify(event) });

function check_users(users) {
  if (!Array.isArray(users) || users.length > users_max || users.some((user) => typeof user !== 'string' || !user || user.length > 64)) {
    throw fault('validation_failed', `users: at most ${users_max} names of 1 to 64 characters`);
  }
}
