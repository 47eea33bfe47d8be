// Two applications on one server, each with people of the same names; what of red's others may not learn or change, and a way to see all of it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Crowd } from '../support/clients.mjs';
import { make } from '../support/jwt.mjs';
import { Server } from '../support/server.mjs';

const hour_s = 3600;
const rates_off = Object.fromEntries(['USER_MESSAGES', 'USER_COMMANDS', 'CONNECTION_COMMANDS'].map((name) => [`KITH_LIMITS_${name}_PER_S`, '0']));   // they ask as fast as they can
const fence = new Set(['message.new', 'typing.start', 'typing.stop', 'presence.changed', 'room.data', 'message.read', 'message.delivered', 'unread.updated', 'receipt.self']);

async function found_app(server, name) {
  await server.run('app', 'create', name);
  const signing = JSON.parse(await server.run('app', 'key', 'add', name, '--kind', 'signing', '--json'));
  const key = JSON.parse(await server.run('app', 'key', 'add', name, '--kind', 'server', '--json')).secret;
  const token = (user) => make({ alg: 'HS256', typ: 'JWT', kid: signing.kid }, { iss: name, sub: user, name: `${name} ${user}`, exp: Math.floor(Date.now() / 1000) + hour_s }, signing.secret);
  return { name, key, token };
}

/** Answers as they came over the wire, by the number of what was asked. */
function listen(client) {
  client.raw = new Map();
  client.socket.io.engine.on('packet', ({ type, data }) => {
    const answer = type === 'message' && typeof data === 'string' && /^3(\d+)(\[.*)$/s.exec(data);
    if (answer) client.raw.set(Number(answer[1]), answer[2]);
  });
}

export class World {
  static async build() {
    const world = new World();
    world.server = await Server.start({ serve: ['serve'], env: rates_off });
    world.crowd = new Crowd(world.server.url);
    try {
      world.red = await found_app(world.server, 'red');
      world.blue = await found_app(world.server, 'blue');
      await world.#people();
      await world.#conversations();
      await world.#watch();
    } catch (error) {
      console.error(error.stack);   // the reporter shows no error of a `before`
      await world.end().catch(() => {});
      throw error;
    }
    return world;
  }

  async #join(app, user) {
    const client = await this.crowd.join({ user, token: app.token(user), device: 'phone' });
    client.user_cid = (await client.hello()).user_cid;
    listen(client);
    return client;
  }

  async #people() {
    this.owners = {};   // those whose things are asked for: nothing they see may change, and they hear nothing
    for (const user of ['ann', 'bob', 'carl']) this.owners[user] = await this.#join(this.red, user);
    [this.eve, this.sam, this.tim] = [await this.#join(this.red, 'eve'), await this.#join(this.red, 'sam'), await this.#join(this.red, 'tim')];
    [this.blue_ann, this.blue_bob] = [await this.#join(this.blue, 'ann'), await this.#join(this.blue, 'bob')];
  }

  async #conversations() {
    const { ann, bob } = this.owners;
    this.crew = await ann.call('conversation.create', { kind: 'group', title: 'Crew', members: ['bob', 'carl', 'eve'], custom: { port: 7 }, external_id: 'red crew', client_id: 'made-once' });
    for (let i = 1; i <= 3; i += 1) await ann.call('message.send', { cid: this.crew.cid, text: `secret ${i}`, client_id: `ann-${i}`, ...(i > 1 ? { reply_to: 1, mentions: ['bob'] } : {}) });
    this.removal = await ann.call('member.remove', { cid: this.crew.cid, user: 'eve' });
    await this.eve.event('conversation.removed');
    await ann.call('conversation.update', { cid: this.crew.cid, title: 'Crew without her', custom: { port: 8 } });
    await bob.call('message.send', { cid: this.crew.cid, text: 'she is gone', client_id: 'bob-1' });
    this.direct = await ann.call('message.send', { to: 'bob', text: 'just us' });
    this.sams = await this.sam.call('conversation.create', { title: 'Own', members: ['tim'], external_id: 'own' });
    this.blues = await this.blue_ann.call('conversation.create', { title: 'Blue', members: ['bob'], external_id: 'blu crew' });
    await ann.call('conversation.create', { title: 'Club', external_id: 'red club' });
    await this.blue_ann.call('conversation.create', { title: 'Club', external_id: 'blu club' });
    this.next = (await ann.call('conversation.list', { limit: 1 })).next;
    this.none = `c_${randomBytes(16).toString('base64url')}`;
  }

  async #watch() {
    for (const one of Object.values(this.owners)) {
      await one.call('presence.subscribe', { users: ['ann', 'bob', 'carl', 'eve'].filter((user) => user !== one.user) });
      await one.call('room.join', { room: 'lobby' });
      await one.call('receipt.read', { cursors: [{ cid: this.crew.cid, seq: 1 }] });
    }
    await this.fences();
    this.state = await this.look();
    this.forget();
  }

  /** What the rightful see of everything. */
  async look() {
    const seen = {};
    for (const one of Object.values(this.owners)) seen[one.user] = await this.#look_as(one);
    seen.eve = await this.#look_as(this.eve, [{ cid: this.crew.cid }]);
    return seen;
  }

  async #look_as(one, more = []) {
    const { conversations } = await one.call('conversation.list', {});
    const seen = { conversations, people: await one.call('user.get', { users: ['ann', 'bob', 'carl', 'eve', 'sam'] }), presence: await one.call('presence.get', { users: ['ann', 'bob', 'carl', 'eve', 'sam'].filter((user) => user !== one.user) }) };
    for (const { cid } of [...conversations, ...more]) seen[cid] = { itself: await one.call('conversation.get', { cid }), messages: await one.history(cid), members: await one.ask('member.list', { cid }) };
    return seen;
  }

  /** From here on nobody hears anything. */
  forget() { for (const one of this.bystanders) one.from = one.mark; }

  get bystanders() { return [...Object.values(this.owners), this.eve]; }

  /** Nothing was changed and nothing heard since `forget`. */
  async check(what) {
    assert.deepEqual(await this.look(), this.state, `${what}: what the rightful see has changed`);
    for (const one of this.bystanders) assert.deepEqual(one.entries.slice(one.from).map(({ event, body }) => [event, body]), [], `${what}: ${one.user} hears of it`);
  }

  /** One rightful event of each kind: what came before it has been heard when it is. The state is as it was, but for what was sent. */
  async fences() {
    const { ann, bob, carl } = this.owners;
    const { cid } = this.crew;
    const since = ann.mark;
    const said = await bob.call('message.send', { cid, text: 'a fence' });
    for (const one of [ann, carl]) await one.event('message.new', ({ id }) => id === said.id);
    await bob.call('typing.start', { cid });
    await ann.event('typing.start', ({ user }) => user === 'bob', { since });
    await bob.call('typing.stop', { cid });
    await ann.event('typing.stop', ({ user }) => user === 'bob', { since });
    for (const status of ['busy', 'online']) {
      await bob.call('presence.set', { status });
      await ann.event('presence.changed', (body) => body.user === 'bob' && body.status === status, { since });
    }
    await bob.call('room.send', { room: 'lobby', data: said.id });
    for (const one of [ann, carl]) await one.event('room.data', ({ data }) => data === said.id);
    await carl.call('receipt.read', { cursors: [{ cid, seq: said.seq }] });
    await ann.event('message.read', (body) => body.members.some(({ user, read_seq }) => user === 'carl' && read_seq === said.seq));
  }

  /** After the fences: they alone were heard, and he who is out heard nothing at all. */
  async check_fenced(what) {
    const from = new Map(this.bystanders.map((one) => [one, one.from]));
    await this.fences();
    this.state = await this.look();
    this.forget();
    for (const one of this.bystanders) {
      for (const { event, body } of one.entries.slice(from.get(one), one.from)) {
        const by = [body?.user, body?.sender, body?.from, ...(body?.members ?? []).map(({ user }) => user)].filter(Boolean);
        assert.ok(one !== this.eve && fence.has(event) && by.every((user) => user in this.owners), `${what}: ${one.user} hears ${event} ${JSON.stringify(body)}`);
      }
    }
  }

  async end() { this.crowd.close(); await this.server.stop(); }
}

/** `event` as `client` asks it: the bytes of the answer. */
export async function ask_raw(client, event, args) {
  const id = client.socket.ids;
  await client.ask(event, args);
  const answer = client.raw.get(id);
  client.raw.clear();
  assert.ok(answer, `${event}: no answer was seen on the wire`);
  return answer;
}

/** What of an answer may differ: the id that was asked for, ids that were made, times. */
export function masked(text, asked) {
  let out = text;
  for (const one of [asked].flat().filter(Boolean)) out = out.replaceAll(String(one), '*');
  return out.replace(/"c_[\w-]{22}"/g, '"cid"').replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"time"').replace(/"id":"[\w-]{22}"/g, '"id":"id"').replace(/"eyJ[\w.-]+"/g, '"token"');
}
