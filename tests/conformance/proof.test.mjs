// Stock clients prove what they received without knowing it: their device does not get it again.
import { after, before, describe, it } from 'node:test';
import { Crowd, matrix } from '../support/clients.mjs';
import { once, until, within } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

/** Resolves when the client has answered, or is about to answer, a question of the server's that came after `heard`. */
function proof({ version, socket }, heard) {
  const { engine } = socket.io;
  if (engine.transport.name === 'polling') return heard;   // its next poll proves; the answer to a command comes by one after it
  if (version === 'v2') return Promise.all([heard, once(engine.transport.ws, 'ping')]);
  const asked = within(new Promise((done) => engine.on('packet', ({ type }) => { if (type === 'ping') done(); })), 'a ping');
  return Promise.all([heard, asked]);
}

describe('a proof without help from the client', () => {
  let server;
  let crowd;
  before(async () => { server = await Server.start({ env: { KITH_SOCKETIO_PING_INTERVAL_MS: '300000' } }); crowd = new Crowd(server.url); });
  after(async () => { crowd.close(); await server.stop(); });

  for (const way of matrix) {
    it(`${way.name}: what arrived is known to have arrived in seconds, not with the next heartbeat`, async () => {
      const user = `bob-${way.name.replace(' ', '-')}`;
      const ann = await crowd.join({ user: `ann-of-${user}` });
      const bob = await crowd.join({ ...way, user, device: 'd' });
      await bob.settled();
      await ann.call('message.send', { to: user, text: 'zero' });   // both listen from here on
      await bob.event('message.new', ({ text }) => text === 'zero');
      const proved = proof(bob, bob.event('message.new', ({ text }) => text === 'one'));
      await ann.call('message.send', { to: user, text: 'one' });
      await proved;
      await bob.call('time', {});   // comes behind the proof
      bob.close();
      // The place is written within a second, or when the session ends, whichever the server notices first.
      await until(async () => {
        const again = await crowd.join({ ...way, user, device: 'd' });
        await ann.call('message.send', { to: user, text: 'marker' });
        await again.event('message.new', ({ text }) => text === 'marker');
        again.close();
        return again.heard('message.new').every(({ text }) => text === 'marker');
      }, 'the device does not get again what it proved');
    });
  }
});
