// Someone who was away for more than a thousand messages gets the newest page and is told of the gap, which history fills; every message
// once by id, in order.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, versions } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

const behind_events_max = 1_000;
let server;
let crowd;
before(async () => { server = await Server.start(); crowd = new Crowd(server.url); });
after(async () => { crowd.close(); await server.stop(); });

async function write(client, cid, from, to) {
  for (let i = from; i <= to; i += 100) await Promise.all(Array.from({ length: Math.min(100, to - i + 1) }, (_, k) => client.call('message.send', { cid, text: `note ${i + k}` })));
}

/** All of a hole, read as a page does when the user scrolls up. */
async function fill(client, { cid, from, to }) {
  const messages = [];
  for (let before = to + 1; before > from;) {
    const page = await client.call('message.history', { cid, before, limit: 100 });
    messages.unshift(...page.messages.filter(({ seq }) => seq >= from));
    if (page.prev === undefined) break;
    before = page.prev;
  }
  return messages;
}

for (const version of versions) {
  describe(version, () => {
    const ann_name = `ann-${version}`;
    const bob = { version, way: 'upgrade', user: `bob-${version}`, device: 'phone' };
    let ann;
    let cid;

    it(`is told of the gap when more than ${behind_events_max} behind, and reads it`, async () => {
      ann = await crowd.join({ user: ann_name });
      const first = await crowd.join(bob);
      ({ cid } = await ann.call('message.send', { to: bob.user, text: 'note 1' }));
      await first.event('message.new');
      await first.call('receipt.delivered', { cursors: [{ cid, seq: 1 }] });
      first.close();
      await write(ann, cid, 2, behind_events_max + 300);
      const again = await crowd.join(bob);
      const head = behind_events_max + 300;
      const gap = await again.event('conversation.gap', (body) => body.cid === cid);
      assert.equal(gap.from, 2);
      assert.ok(gap.to < head && gap.to > gap.from);
      await again.event('message.new', ({ seq }) => seq === head);
      const live = again.heard('message.new', (body) => body.cid === cid);
      assert.deepEqual(live.map(({ seq }) => seq), Array.from({ length: head - gap.to }, (_, i) => gap.to + 1 + i));
      const all = [...await fill(again, gap), ...live];
      assert.deepEqual(all.map(({ seq }) => seq), Array.from({ length: head - 1 }, (_, i) => i + 2));
      assert.deepEqual(all.map(({ text }) => text), all.map(({ seq }) => `note ${seq}`));
      assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
      await ann.call('message.send', { cid, text: 'live again' });
      assert.equal((await again.event('message.new', ({ text }) => text === 'live again')).seq, head + 1);
      again.close();
    });

    it(`gets everything, without a gap, when ${behind_events_max} behind`, async () => {
      const other = { ...bob, device: 'laptop' };
      const first = await crowd.join(other);
      const { last_seq } = await first.call('conversation.get', { cid });
      await first.event('message.new', ({ seq }) => seq === last_seq);   // a new device begins with the newest page
      await first.call('receipt.delivered', { cursors: [{ cid, seq: last_seq }] });
      first.close();
      await write(ann, cid, last_seq + 1, last_seq + behind_events_max);
      const again = await crowd.join(other);
      await again.event('message.new', ({ seq }) => seq === last_seq + behind_events_max);
      const seqs = again.heard('message.new').map(({ seq }) => seq);
      assert.deepEqual(seqs, Array.from({ length: behind_events_max }, (_, i) => last_seq + 1 + i));
      assert.equal(again.heard('conversation.gap').length, 0);
      again.close();
      ann.close();
    });
  });
}

describe('a client that says where it stands', () => {
  it('is believed up to the head, and reset above it or in another epoch', async () => {
    const cy = await crowd.join({ user: 'cy' });
    const { cid } = await cy.call('message.send', { to: 'di', text: 'note 1' });
    await write(cy, cid, 2, 40);
    const at = async (seq, epoch) => crowd.join({ auth: { user: 'di', cursors: [{ cid, seq }], ...(epoch ? { epoch } : {}) } });
    const { epoch } = await cy.hello();
    const there = await at(30, epoch);
    await there.event('message.new', ({ seq }) => seq === 40);
    assert.deepEqual(there.heard('message.new').map(({ seq }) => seq), Array.from({ length: 10 }, (_, i) => 31 + i));
    there.close();
    for (const [seq, said] of [[41, epoch], [30, 'another']]) {
      const lost = await at(seq, said);
      await lost.event('session.reset');
      lost.close();
    }
    cy.close();
  });
});
