// What the command line says; everything else asks here.
import { parseArgs } from 'node:util';

const one_of = {
  store: ['none', 'sqlite', 'postgres'],
  ack: ['immediate', 'commit'],
  groups: ['map', 'rooms'],
};

export const usage = `server.mjs [--listen HOST:PORT] [--data FOLDER] [options]
  --store none|sqlite|postgres  where messages go (sqlite: FOLDER/chat.db)
  --database URL                of PostgreSQL, with --store postgres
  --ack immediate|commit        when a message is acknowledged and delivered: at once, or after its INSERT
  --groups map|rooms            who is in a group: a map of users, or Socket.IO's rooms
  --redis off|URL               users, groups and the way between nodes
  --node NAME                   of this one among several (n0)
  --key SECRET                  tokens (HS256) are asked for and checked; without it auth.user is believed`;

export function options_of(args) {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: { listen: text, data: text, store: text, database: text, ack: text, groups: text, redis: text, node: text, key: text, help: { type: 'boolean' } },
  });
  const chosen = { listen: '127.0.0.1:0', data: '.', store: 'none', database: '', ack: 'immediate', groups: 'map', redis: 'off', node: 'n0', key: '', ...values };
  for (const [name, allowed] of Object.entries(one_of)) {
    if (!allowed.includes(chosen[name])) throw new Error(`--${name} ${chosen[name]}: say one of ${allowed.join(', ')}`);
  }
  if (chosen.store === 'postgres' && !chosen.database) throw new Error('--store postgres: say --database URL too');
  const at = chosen.listen.lastIndexOf(':');
  chosen.host = chosen.listen.slice(0, at);
  chosen.port = Number(chosen.listen.slice(at + 1));
  if (at < 1 || !Number.isInteger(chosen.port) || chosen.port < 0 || chosen.port > 65535) throw new Error(`--listen ${chosen.listen}: say HOST:PORT`);
  return chosen;
}
