// The server built without features, and with each alone: it starts, says what it has, chats, and refuses the rest.
import assert from 'node:assert/strict';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { ask_all, chat, commands, expected, folders } from '../support/features.mjs';
import { Server, kith_bin } from '../support/server.mjs';

const builds = resolve(dirname(kith_bin), 'features');

async function check(bin, on) {
  const server = await Server.start({ bin });
  const crowd = new Crowd(server.url);
  try {
    const [ann, bob] = [await crowd.join({ user: 'ann' }), await crowd.join({ user: 'bob' })];
    assert.deepEqual([...(await ann.hello()).features].sort(), on);
    const place = await chat(ann, bob);
    assert.deepEqual((await ann.history(place.cid)).map(({ text }) => text), ['there', 'back']);
    assert.deepEqual(await ask_all(ann, place), expected(on));
  } finally {
    crowd.close();
    await server.stop();
  }
}

describe('a server that was built', () => {
  it('has its features listed in these tests', () => assert.deepEqual(Object.keys(commands).sort(), folders));
  it('with all features has them', () => check(kith_bin, folders));
  it('with none chats all the same', () => check(join(builds, 'kith-none'), []));
  for (const alone of folders) it(`with ${alone} alone has nothing else`, () => check(join(builds, `kith-${alone}`), [alone]));
});
