// The usual chat server, tuned: Socket.IO, Redis, Sequelize. README.md says what was tuned and why; `--help` the options.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { Alone, Redis } from './bus.mjs';
import { Chat } from './chat.mjs';
import { Events, Presence } from './events.mjs';
import { options_of, usage } from './options.mjs';
import { rest } from './rest.mjs';
import { open_store } from './store.mjs';
import { user_of_token } from './token.mjs';
import { Users } from './users.mjs';

const user_bytes_max = 64;

function read_options() {
  try { return options_of(process.argv.slice(2)); } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return process.exit(2);
  }
}

const options = read_options();
if (options.help) { console.log(usage); process.exit(0); }
const store = await open_store(options);
const http = createServer((request, response) => routes(request, response));
const io = new Server(http, {
  transports: ['websocket'], serveClient: false, perMessageDeflate: false, httpCompression: false, maxHttpBufferSize: 65_536,
  pingInterval: 25_000, pingTimeout: 20_000,
});
const users = new Users();
const bus = options.redis === 'off' ? new Alone(store, options.groups === 'rooms') : new Redis(options.redis, options.node, (news) => chat.heard(news));
const chat = new Chat({ io, users, store, bus, options });
const presence = new Presence(users);
const events = new Events(chat, presence);
const routes = rest(chat, () => ({ ...chat.counts, queued: store.queued, connected: io.engine.clientsCount, resident: process.memoryUsage.rss() }));

// The upgrade request is several kilobytes that nobody reads again.
io.engine.on('connection', (raw) => { raw.request = null; });
if (options.groups === 'rooms' && options.redis !== 'off') io.adapter(bus.adapter());

io.use((socket, next) => {
  const { auth } = socket.handshake;
  try {
    const user = options.key ? user_of_token(auth.token, options.key) : auth.user;
    if (typeof user !== 'string' || !user || user.length > user_bytes_max) throw new Error('say who you are');
    socket.data.user = user;
    next();
  } catch (error) { next(Object.assign(error, { data: { code: 'unauthenticated' } })); }
});

async function welcome(socket, user) {
  if (options.groups === 'rooms') for (const cid of await bus.groups_of(user)) socket.join(cid);
  if (options.store !== 'none') for (const event of await store.pending_of(user)) socket.emit('message.new', event);
}

function heard(name, body, ack) { events.heard(this, name, body, ack); }

function gone() {
  const { user } = this.data;
  presence.forget(this);
  if (!users.remove(user, this)) return;
  bus.offline(user);
  presence.changed(user, 'offline');
}

io.on('connection', (socket) => {
  const { user } = socket.data;
  if (users.add(user, socket)) { bus.online(user); presence.changed(user, 'online'); }
  socket.onAny(heard);
  socket.on('disconnect', gone);
  socket.emit('hello', { user, session: socket.id, server_time: new Date().toISOString() });
  welcome(socket, user).catch((error) => console.error('welcome:', error.message));
});

async function stop() {
  io.close();
  await store.close();
  await bus.stop();
  process.exit(0);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

await bus.start();
http.listen({ port: options.port, host: options.host, backlog: 4_096 }, () => {
  console.log(`listening on http://${options.host}:${http.address().port} (store ${options.store}, ack ${options.ack}, groups ${options.groups})`);
});
