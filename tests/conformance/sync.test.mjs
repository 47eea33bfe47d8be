// `sync`, the pull form: a client that keeps what it has asks for what it lacks.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, versions } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

let server;
let crowd;
before(async () => { server = await Server.start(); crowd = new Crowd(server.url); });
after(async () => { crowd.close(); await server.stop(); });

let people = 0;
const fresh = (name) => `${name}${++people}`;

/** A client that knows nothing but what `sync` tells: asks until there is no more. */
class Puller {
  constructor(client) {
    this.client = client;
    this.logs = new Map();   // cid -> events, in order
    this.epoch = undefined;
  }

  cursors() { return [...this.logs].map(([cid, { at }]) => ({ cid, seq: at })); }

  async pull(limit) {
    for (let more = true, next; more;) {
      const answer = await this.client.call('sync', { cursors: this.cursors(), epoch: this.epoch, limit, next });
      this.epoch = answer.epoch;
      ({ next } = answer);
      for (const { cid, status, events, next: place } of answer.conversations) this.#take(cid, status, events, place);
      more = next !== undefined || answer.conversations.some((one) => one.next !== undefined);
    }
  }

  #take(cid, status, events, place) {
    if (status === 'reset' || !this.logs.has(cid)) this.logs.set(cid, { at: place ?? 0, events: [], resets: (this.logs.get(cid)?.resets ?? 0) + (status === 'reset') });
    const log = this.logs.get(cid);
    for (const { event, data } of events) {
      if (log.events.length) assert.equal(data.seq, log.at + 1, `${cid}: no hole`);
      log.events.push([event, data]);
      log.at = data.seq;
    }
  }

  texts(cid) { return this.logs.get(cid).events.filter(([event]) => event === 'message.new').map(([, { text }]) => text); }
}

for (const version of versions) {
  describe(`sync, ${version}`, () => {
    it('brings a client from nothing to the end, in small pages, and later what is new', async () => {
      const ann = await crowd.join({ user: fresh('ann') });
      const bob = await crowd.join({ version, user: fresh('bob') });
      const { cid } = await ann.call('conversation.create', { kind: 'group', title: 'g', members: [bob.user] });
      const said = [];
      const say = async (to, text) => { said.push(text); return ann.call('message.send', { ...to, text }); };
      for (let i = 0; i < 12; i += 1) await say({ cid }, `first ${i}`);
      const puller = new Puller(bob);
      await puller.pull(5);
      assert.deepEqual(puller.texts(cid), said);
      assert.equal(puller.epoch, (await bob.hello()).epoch);
      const own = (await bob.hello()).user_cid;
      assert.deepEqual(puller.logs.get(own).events.map(([event, { conversation }]) => [event, conversation.cid]), [['conversation.added', cid]]);
      await ann.call('conversation.update', { cid, title: 'another' });
      await say({ cid }, 'later');
      const direct = await ann.call('message.send', { to: bob.user, text: 'hi' });
      await puller.pull(5);
      assert.deepEqual(puller.texts(cid), said);
      assert.deepEqual(puller.logs.get(cid).events.at(-2)[0], 'conversation.updated');
      assert.deepEqual(puller.texts(direct.cid), ['hi']);
      assert.deepEqual(bob.heard('message.new', (message) => message.cid === cid).map(({ text }) => text), said, 'the same is pushed');
      await ann.call('member.remove', { cid, user: bob.user });
      await ann.call('message.send', { cid, text: 'not for him' });
      await puller.pull();
      assert.equal(puller.logs.get(cid).events.at(-1)[0], 'member.removed');
      assert.deepEqual(puller.texts(cid), said);
      ann.close(); bob.close();
    });

    it('begins anew with what is of another history, and tells a stranger nothing', async () => {
      const ann = await crowd.join({ version, user: fresh('ann') });
      const { cid } = await ann.call('conversation.create', { kind: 'group', title: 'g' });
      for (let i = 0; i < 3; i += 1) await ann.call('message.send', { cid, text: `${i}` });
      for (const body of [{ cursors: [{ cid, seq: 2 }], epoch: 'of old' }, { cursors: [{ cid, seq: 9 }] }]) {
        const item = (await ann.call('sync', body)).conversations.find((one) => one.cid === cid);
        assert.deepEqual([item.status, item.events.map(({ data }) => data.seq)], ['reset', [1, 2, 3]]);
      }
      const eve = await crowd.join({ version, user: fresh('eve') });
      const cursors = [{ cid, seq: 1 }, { cid: 'c_AAAAAAAAAAAAAAAAAAAAAA', seq: 1 }];
      const { conversations } = await eve.call('sync', { cursors });
      assert.deepEqual(conversations.map(({ status, events, next }) => ({ status, events, next })), cursors.map(() => ({ status: 'reset', events: [], next: undefined })));
      ann.close(); eve.close();
    });
  });
}
