// What each folder of src/features/ brings: its commands, with arguments that are fine for a server that has it.
import { readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export const commands = {
  receipts: { 'receipt.read': ({ cid }) => ({ cursors: [{ cid, seq: 1 }] }), 'receipt.delivered': ({ cid }) => ({ cursors: [{ cid, seq: 1 }] }) },
  typing: { 'typing.start': ({ cid }) => ({ cid }), 'typing.stop': ({ cid }) => ({ cid }) },
  presence: {
    'presence.subscribe': () => ({ users: ['bob'] }), 'presence.get': () => ({ users: ['bob'] }),
    'presence.unsubscribe': () => ({ users: ['bob'] }), 'presence.set': () => ({ status: 'online' }),
  },
  rooms: { 'room.join': () => ({ room: 'lobby' }), 'room.send': () => ({ room: 'lobby', data: 1 }), 'room.leave': () => ({ room: 'lobby' }) },
};

/** The folders that are there. */
export const folders = readdirSync(resolve(root, 'src/features'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();

/** Runs every command of every feature; what came of it by name: 'ok' or the code. */
export async function ask_all(client, place) {
  const answers = {};
  for (const of_one of Object.values(commands)) {
    for (const [name, args] of Object.entries(of_one)) {
      const { ok, error } = await client.ask(name, args(place));
      answers[name] = ok ? 'ok' : error.code;
    }
  }
  return answers;
}

/** What `ask_all` gives where only these are on. */
export function expected(on) {
  const all = Object.entries(commands).flatMap(([feature, of_one]) => Object.keys(of_one).map((name) => [name, on.includes(feature) ? 'ok' : 'feature_disabled']));
  return Object.fromEntries(all);
}

/** One to one chat: a message there and back, stored and heard. Its place. */
export async function chat(ann, bob) {
  const there = await ann.call('message.send', { to: 'bob', text: 'there' });
  await bob.event('message.new', ({ id }) => id === there.id);
  const back = await bob.call('message.send', { cid: there.cid, text: 'back' });
  await ann.event('message.new', ({ id }) => id === back.id);
  return { cid: there.cid };
}
