// The page: joins the connection, the session and the views.
import { at, coalesced, set_text } from './dom.js';
import { preview } from './format.js';
import { name_of } from './inbox.js';
import { Link, explain } from './link.js';
import * as memory from './memory.js';
import { Session } from './session.js';
import { Dialogs } from './view_dialogs.js';
import { ListView } from './view_list.js';
import { SignInView } from './view_sign_in.js';
import { ThreadView } from './view_thread.js';

let link;
let session;
let status = 'connecting';
let closed_because;

function token_of_address() {
  const address = new URL(location.href);
  const token = address.searchParams.get('token');
  if (!token) return undefined;
  // A token is a secret: it does not stay in the address bar or the history.
  address.searchParams.delete('token');
  history.replaceState(null, '', address);
  return token;
}

function enter(identity) {
  link?.close();
  const key = identity.name ?? 'token';
  const device = memory.device_of(key);
  const auth = identity.token ? { token: identity.token, device } : { user: identity.name, device };
  session = new Session({
    ask: (event, body) => link.ask(event, body), changed, heard,
    me: identity.name ?? '', kept: memory.kept_outbox(key), save: (entries) => memory.keep_outbox(key, entries),
    new_client_id: memory.new_client_id,
  });
  closed_because = undefined;
  const mine = session;
  link = new Link(auth, {
    state: (state, detail) => { if (session === mine) on_state(state, detail, identity); },
    event: (name, body) => { if (session === mine) on_event(name, body, identity); },
  });
}

function on_event(name, body, identity) {
  if (name === 'hello') {
    memory.keep_identity(identity);
    if (identity.name) memory.remember_name(identity.name);
    sign_in.hide();
  }
  if (name === 'session.closed') closed_because = body;
  session.event(name, body);
}

function on_state(state, detail, identity) {
  const was = status;
  status = state;
  if (state === 'refused') { refused(detail, identity); return; }
  if (state === 'closed') { leave(explain(closed_because) || 'The server closed the connection.'); return; }
  if (state !== 'online' && was === 'online') session.disconnected();
  draw_banner();
  draw();
}

function refused(error, identity) {
  link.close();
  memory.keep_identity(undefined);
  sign_in.given = undefined;
  sign_in.show(explain(error));
  if (identity.name && error.code === 'unauthenticated') sign_in.ask_token();
}

function leave(problem) {
  link?.close();
  link = undefined;
  memory.keep_identity(undefined);
  at('banner').hidden = true;
  document.title = 'Kith';
  sign_in.show(problem);
}

function draw_banner() {
  const offline = globalThis.navigator?.onLine === false;
  const text = status === 'waiting' ? (offline ? 'You are offline. What you write is sent when you are back.' : 'Connection lost. Reconnecting…') : '';
  at('banner').hidden = !text;
  set_text(at('banner-text'), text);
}

function heard(message, conversation) {
  const looking = session.open === message.cid && !document.hidden;
  if (looking && document.hasFocus()) { set_text(at('announce'), `${name_of(session.inbox, message.sender)}: ${preview(message.text ?? '')}`); return; }
  const where = conversation && conversation.kind !== 'direct' ? ` in ${conversation.title}` : '';
  set_text(at('announce'), `New message from ${name_of(session.inbox, message.sender)}${where}`);
}

function open(key) {
  session.show(key);
  document.body.dataset.pane = 'thread';
  draw_now();
  threads.focus();
}

function back() {
  document.body.dataset.pane = 'list';
  const entry = at('list').querySelector('[aria-current]');
  session.show(undefined);
  draw_now();
  (entry?.isConnected ? entry : at('list').querySelector('button') ?? at('talk-to')).focus();
}

function draw_now() {
  if (!session) return;
  if (!session.open) document.body.dataset.pane = 'list';
  list.draw(session, status);
  threads.draw(session, status);
}

const draw = coalesced(draw_now);
function changed(what) { draw(); dialogs.changed(what); }

const list = new ListView({
  open, talk: (user) => open(session.key_of_user(user)), choose: (status) => session.choose(status),
  more: () => session.load_list(session.list.next), again: () => session.load_list(),
});
const threads = new ThreadView({
  send: (text) => session.send(text), wrote: (text) => session.wrote(text), retry: (client_id) => session.retry(client_id),
  older: () => session.load_older(session.open), hole: (to) => session.load_hole(session.open, to),
  again: () => session.load_newest(session.open), back, members: () => dialogs.open_members(), seen: () => session.seen(),
});
const dialogs = new Dialogs(() => session, { made: open, left: (cid) => { session.removed(cid); draw(); } });

at('leave').addEventListener('click', () => leave());
for (const event of ['focus', 'online', 'offline']) globalThis.addEventListener(event, () => { draw_banner(); draw(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden) draw(); });
// Times and day lines grow old by themselves.
setInterval(() => { if (!document.hidden) draw(); }, 60_000);
setInterval(() => session?.tick(), 1_000);

const given = token_of_address();
const sign_in = new SignInView(enter, given);
const known = given ? { token: given } : memory.window_identity();
if (known) { sign_in.show(); sign_in.busy(true); enter(known); } else sign_in.show();
