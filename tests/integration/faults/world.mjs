// Who talks to whom in a round: every version of the official client on every way of transport, three people with a second device of
// another version, pairs and groups over all of them. Nobody joins later, so a conversation's log holds messages only.
import { matrix } from '../../support/clients.mjs';
import { until, within } from '../../support/deadline.mjs';
import { Device } from './device.mjs';

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
    return world;
  }

  async #begin() {
    const users = people.map(({ user }) => user);
    const first = (user) => this.devices.find((device) => device.user === user);
    const pairs = users.flatMap((user, i) => [1, 4].map((step) => [user, users[(i + step) % users.length]]));
    for (const members of pairs) {
      const cid = await within(first(members[0]).begin_direct(members[1]), `${members} have a conversation`);
      this.conversations.push({ cid, members, weight: 6 });
    }
    for (const members of [users, users.filter((_, i) => i % 2), users.filter((_, i) => i % 3)]) {
      const { cid } = await first(members[0]).client.call('conversation.create', { kind: 'group', title: 'g', members: members.slice(1) });
      this.conversations.push({ cid, members, weight: 2 });
    }
    for (const device of this.devices)
      device.targets = this.conversations.filter(({ members }) => members.includes(device.user)).flatMap(({ cid, weight }) => Array(weight).fill(cid));
  }

  get acked() { return this.devices.reduce((sum, { acked }) => sum + acked, 0); }
  talk() { for (const device of this.devices) device.talk(); }
  pause() { for (const device of this.devices) device.pause(); }

  unanswered() { return this.devices.reduce((sum, { pending }) => sum + pending.size, 0); }

  /** How many messages were acknowledged: Map(cid → count). */
  counts() {
    const counts = new Map();
    for (const { sends } of this.devices) for (const { cid, acks } of sends) if (acks.length) counts.set(cid, (counts.get(cid) ?? 0) + 1);
    return counts;
  }

  /** Every member's device has so many messages of each conversation. */
  complete(counts) {
    const all_of = (device) => this.conversations.every(({ cid, members }) => !members.includes(device.user) || device.has(cid, counts.get(cid) ?? 0));
    return this.devices.every((device) => device.ready && all_of(device));
  }

  /** What the faults did to the clients: without any of it a round proves nothing. */
  hardships() {
    const sum = (count) => this.devices.reduce((all, device) => all + count(device), 0);
    return {
      sessions: sum(({ session }) => session),
      again: sum(({ sends }) => sends.filter(({ emitted }) => emitted.length > 1).length),
      refused: sum(({ sends }) => sends.reduce((all, { refused }) => all + refused.length, 0)),
      gaps: sum(({ heard }) => heard.filter(({ what }) => what === 'gap').length),
    };
  }

  close() { for (const device of this.devices) device.close(); }

  /** What the server has, read by its own key after all clients have gone: Map(cid → messages). */
  async stored() {
    const key = /server key for this run: (\S+)/.exec(this.host.server.log)[1];
    const stored = new Map();
    for (const { cid, members } of this.conversations) stored.set(cid, await this.#read(cid, members[0], key));
    return stored;
  }

  async #read(cid, user, key) {
    const messages = [];
    for (let after = 0; after !== undefined;) {
      const answer = await fetch(`${this.host.server.url}/v1/conversations/${encodeURIComponent(cid)}/messages?after=${after}&limit=${page}`,
        { headers: { Authorization: `Bearer ${key}`, 'On-Behalf-Of': user } });
      if (answer.status !== 200) throw new Error(`history of ${cid}: ${answer.status} ${await answer.text()}`);
      const { messages: read, next } = await answer.json();
      messages.push(...read);
      after = next;
    }
    return messages;
  }
}
