// Who talks to whom in a round: every version of the official client on every way of transport, three people with a second device of
// another version, pairs and groups over all of them. Through one group people come and go; the logs of the others hold messages only.
import { matrix } from '../../support/clients.mjs';
import { until, within } from '../../support/deadline.mjs';
import { Device } from './device.mjs';
import { Door } from './door.mjs';
import { Memberships } from './memberships.mjs';

const arrive_deadline_ms = 30_000;
const page = 100;

const people = matrix.map(({ version, way }) => ({ user: `${way}_${version}`, version, way }));
const second = [['polling_v2', 'v4', 'websocket'], ['upgrade_v3', 'v2', 'polling'], ['websocket_v4', 'v3', 'upgrade']]
  .map(([user, version, way]) => ({ user, version, way, second: true }));

export class World {
  /** Everybody connected and in his conversations; `window`: sends of a device not yet answered. */
  static async open(host, random, window) {
    const world = new World();
    Object.assign(world, { host, conversations: [] });
    world.devices = [...people, ...second].map((person, i) => new Device(host.url,
      { ...person, name: `${person.user}${person.second ? '_b' : ''}`, carries_cursors: person.version !== 'v2' && i % 2 === 0 }, { window, random: random.branch(i + 1) }));
    await until(() => world.devices.every(({ ready }) => ready), () => `everybody arrives; not yet: ${world.devices.filter(({ ready }) => !ready).map(({ name }) => name)}`, arrive_deadline_ms);
    await world.#begin();
    await world.#begin_restless(random.branch(0));
    for (const device of world.devices)
      device.targets = world.conversations.filter(({ members, guests = [] }) => members.includes(device.user) || guests.includes(device.user)).flatMap(({ cid, weight }) => Array(weight).fill(cid));
    return world;
  }

  async #begin() {
    const users = people.map(({ user }) => user);
    const first = (user) => this.#first(user);
    const pairs = users.flatMap((user, i) => [1, 4].map((step) => [user, users[(i + step) % users.length]]));
    for (const members of pairs) {
      const cid = await within(first(members[0]).begin_direct(members[1]), `${members} have a conversation`);
      this.conversations.push({ cid, members, weight: 6 });
    }
    for (const members of [users, users.filter((_, i) => i % 2), users.filter((_, i) => i % 3)]) {
      const { cid } = await first(members[0]).client.call('conversation.create', { kind: 'group', title: 'g', members: members.slice(1) });
      this.conversations.push({ cid, members, weight: 2 });
    }
  }

  async #begin_restless(random) {
    const users = people.map(({ user }) => user);
    const [owner, ...others] = users;
    const guests = others.filter((_, i) => i % 2);
    const members = users.filter((user) => user !== guests[0]);
    const { cid } = await this.#first(owner).client.call('conversation.create', { kind: 'group', title: 'restless', members: members.slice(1) });
    this.conversations.push({ cid, members, guests, weight: 4, restless: true });
    this.door = new Door(this.#first(owner), cid, guests, random);
  }

  #first(user) { return this.devices.find((device) => device.user === user); }

  get acked() { return this.devices.reduce((sum, { acked }) => sum + acked, 0); }
  talk() { for (const device of this.devices) device.talk(); this.door.begin(); }
  pause() { for (const device of this.devices) device.pause(); this.door.end(); }

  unanswered() { return this.devices.reduce((sum, { pending }) => sum + pending.size, this.door.settled() ? 0 : 1); }

  /** Where the acknowledged messages lie: Map(cid → seqs). */
  places() {
    const places = new Map(this.conversations.map(({ cid }) => [cid, []]));
    for (const { sends } of this.devices) for (const { cid, acks: [ack] } of sends) if (ack) places.get(cid).push(ack.seq);
    return places;
  }

  /** Every member's device has all that was acknowledged since he came, and nothing shown early is still open. */
  complete(places) {
    const calm = this.conversations.filter(({ restless }) => !restless);
    const has_calm = (device) => calm.every(({ cid, members }) => !members.includes(device.user) || device.has(cid, places.get(cid).length));
    if (!this.devices.every((device) => device.ready && device.settled() && has_calm(device))) return false;
    const memberships = new Memberships(this.devices, this.conversations);
    const has = (device, cid) => {
      const since = memberships.since(cid, device.user);
      return since === undefined || device.has(cid, places.get(cid).filter((seq) => seq > since).length, since);
    };
    return this.conversations.every(({ cid, restless }) => !restless || this.devices.every((device) => has(device, cid)));
  }

  /** What the faults did to the clients: without any of it a round proves nothing. */
  hardships() {
    const sum = (count) => this.devices.reduce((all, device) => all + count(device), 0);
    return {
      sessions: sum(({ session }) => session),
      again: sum(({ sends }) => sends.filter(({ emitted }) => emitted.length > 1).length),
      refused: sum(({ sends }) => sends.reduce((all, { refused }) => all + refused.length, 0)),
      gaps: sum(({ heard }) => heard.filter(({ what }) => what === 'gap').length),
      early: sum(({ heard }) => heard.filter(({ what }) => what === 'early').length),
      swings: this.door.swings,
    };
  }

  close() {
    this.door?.close();
    for (const device of this.devices) device.close();
  }

  /** What the server has, read by its own key after all clients have gone: Map(cid → messages). */
  async stored() {
    const stored = new Map();
    for (const { cid, members } of this.conversations) stored.set(cid, await this.#read(cid, members[0]));
    return stored;
  }

  /** What each user has in his list: Map(user → Map(cid → conversation)). */
  async listed() {
    const listed = new Map();
    for (const { user } of people) {
      const { conversations } = await this.#get(`/v1/users/${user}/conversations?limit=1000`);
      listed.set(user, new Map(conversations.map((conversation) => [conversation.cid, conversation])));
    }
    return listed;
  }

  async #read(cid, user) {
    const messages = [];
    for (let after = 0; after !== undefined;) {
      const { messages: read, next } = await this.#get(`/v1/conversations/${encodeURIComponent(cid)}/messages?after=${after}&limit=${page}`, { 'On-Behalf-Of': user });
      messages.push(...read);
      after = next;
    }
    return messages;
  }

  async #get(path, headers = {}) {
    const [, key] = /server key for this run: (\S+)/.exec(this.host.server.log);
    const answer = await fetch(`${this.host.server.url}${path}`, { headers: { Authorization: `Bearer ${key}`, ...headers } });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
