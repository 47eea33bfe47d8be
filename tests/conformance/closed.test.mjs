// How sessions end, as far as a client can bring it about: what is said, and whether a stock client comes back by itself.
// (The end of a server is in integration/drain, a reader that stops in integration/bad_input; an answer that nobody could make, a
// history that changed, and what the application revokes are shown in the gateway's own tests.)
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, matrix } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

describe('a server that restarts', () => {
  let server;
  let crowd;
  before(async () => { server = await Server.start(); crowd = new Crowd(server.url); });
  after(async () => { crowd.close(); await server.stop(); });

  it('says draining to every client, and all come back by themselves to the next', async () => {
    const people = await Promise.all(matrix.map((way, i) => crowd.join({ ...way, user: `p${i}` })));
    const marks = people.map(({ mark }) => mark);
    await server.stop({ keep_data: true });
    for (const [i, one] of people.entries()) {
      assert.deepEqual(await one.event('session.closed', () => true, { since: marks[i] }), { code: 'draining', retry: true });
      assert.notEqual((await one.event('#disconnect', () => true, { since: marks[i] })), 'io server disconnect');
    }
    await server.restart();
    for (const [i, one] of people.entries()) await one.event('hello', () => true, { since: marks[i] });
  });
});
