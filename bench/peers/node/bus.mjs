// Redis: which node a user is on, who is in a group, and the channel of each node. Without Redis there is one node, and the group map
// is in its memory, behind it the store.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const everybody = 'nodes';

export class Alone {
  #groups = new Map();     // cid -> Set of users
  #of_user = new Map();    // user -> its cids, for rooms

  constructor(store, rooms) { Object.assign(this, { store, rooms }); }

  async start() {}
  online() {}
  offline() {}
  async stop() {}
  announce() {}

  /** `added` of its `users` are new in it. */
  set_group(cid, users, added) {
    this.#groups.set(cid, new Set(users));
    if (this.rooms) for (const user of added) {
      const held = this.#of_user.get(user);
      if (held) held.push(cid); else this.#of_user.set(user, [cid]);
    }
  }

  /** A Set or a promise of one. */
  members(cid) {
    return this.#groups.get(cid) ?? this.store.group_members(cid).then((users) => {
      if (users) this.#groups.set(cid, new Set(users));
      return this.#groups.get(cid);
    });
  }

  async groups_of(user) { return this.#of_user.get(user) ?? this.store.groups_of(user); }

  /** Of `users` who are not here: those who are nowhere. */
  async route(users) { return users; }
}

export class Redis {
  /** `heard` gets what other nodes send to this one. */
  constructor(url, node, heard) {
    const { Redis: Client } = require('ioredis');
    this.node = node;
    this.heard = heard;
    this.commands = new Client(url, { enableAutoPipelining: true });
    this.channel = new Client(url);
    for (const client of [this.commands, this.channel]) client.on('error', (error) => console.error('redis:', error.message || error.code));
  }

  async start() {
    await this.channel.subscribe(`node:${this.node}`, everybody);
    this.channel.on('message', (_channel, text) => this.heard(JSON.parse(text)));
  }

  adapter() {
    const { createAdapter } = require('@socket.io/redis-adapter');
    return createAdapter(this.commands.duplicate(), this.channel.duplicate());
  }

  online(user) { this.#tell(this.commands.hset('users', user, this.node)); }
  offline(user) { this.#tell(this.commands.hdel('users', user)); }
  announce(news) { this.#tell(this.commands.publish(everybody, JSON.stringify({ ...news, by: this.node }))); }

  set_group(cid, _users, added) {
    this.#tell(this.commands.sadd(`group:${cid}`, ...added));
    for (const user of added) this.#tell(this.commands.sadd(`groups-of:${user}`, cid));
  }

  members(cid) { return this.commands.smembers(`group:${cid}`).then((users) => (users.length ? new Set(users) : undefined)); }
  groups_of(user) { return this.commands.smembers(`groups-of:${user}`); }

  /** Each node that has some of `users` gets `event` for them; those who are nowhere are left. */
  async route(users, event, body) {
    const nodes = await this.commands.hmget('users', ...users);
    const by_node = new Map();
    const nowhere = [];
    nodes.forEach((node, i) => {
      if (!node || node === this.node) nowhere.push(users[i]);
      else if (by_node.has(node)) by_node.get(node).push(users[i]);
      else by_node.set(node, [users[i]]);
    });
    for (const [node, there] of by_node) this.#tell(this.commands.publish(`node:${node}`, JSON.stringify({ users: there, event, body })));
    return nowhere;
  }

  async stop() { this.commands.disconnect(); this.channel.disconnect(); }

  #tell(said) { said.catch((error) => console.error('redis:', error.message)); }
}
