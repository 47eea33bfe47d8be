// The page: joins the connection, the session and the views.
import { close_all } from './dialogs.js';
import { at, coalesced, set_text } from './dom.js';
import { preview } from './format.js';
import { name_of, title_of } from './inbox.js';
import { Composer } from './composer.js';
import { Link, door_line, explain, waiting_line } from './link.js';
import * as memory from './memory.js';
import { Notice } from './notice.js';
import { Panes } from './panes.js';
import { Session } from './session.js';
import { is_note } from './thread.js';
import { GroupView } from './view_group.js';
import { ListView } from './view_list.js';
import { NewGroupView } from './view_new_group.js';
import { SignInView } from './view_sign_in.js';
import { ThreadView } from './view_thread.js';

let link;
let session;
let status = 'connecting';
let entered = false;       // the server has said hello
let closed_because;

const offline = () => globalThis.navigator?.onLine === false;

function token_of_address() {
  const address = new URL(location.href);
  const token = address.searchParams.get('token');
  if (!token) return undefined;
  // A token is a secret: it does not stay in the address bar or the history.
  address.searchParams.delete('token');
  history.replaceState(null, '', address);
  return token;
}

// ---- coming and going

function enter(identity) {
  link?.close();
  composer.forget();
  const key = identity.name ?? 'token';
  const device = memory.device_of(key);
  const auth = identity.token ? { token: identity.token, device } : { user: identity.name, device };
  session = new Session({
    ask: (event, body) => link.ask(event, body), changed, heard, noticed: (text) => notice.say(text),
    me: identity.name ?? '', kept: memory.kept_outbox(key), save: (entries) => memory.keep_outbox(key, entries),
    new_client_id: memory.new_client_id,
  });
  closed_because = undefined;
  entered = false;
  sign_in.connecting(identity);
  const mine = session;
  link = new Link(auth, {
    state: (state, detail) => { if (session === mine) on_state(state, detail, identity); },
    event: (name, body) => { if (session === mine) on_event(name, body, identity); },
  });
}

function on_event(name, body, identity) {
  if (name === 'hello') {
    closed_because = undefined;
    memory.keep_identity(identity);
    if (identity.name) memory.remember_name(identity.name);
    if (!entered) sign_in.hide();
  }
  if (name === 'session.closed') closed_because = body;
  session.event(name, body);
  if (name !== 'hello' || entered) return;
  entered = true;
  draw_now();
  if (!globalThis.matchMedia('(pointer: coarse)').matches) at('talk-to').focus({ preventScroll: true });
}

function on_state(state, detail, identity) {
  const was = status;
  status = state;
  if (state === 'refused') { refused(detail, identity); return; }
  if (state === 'closed') { leave(explain(closed_because)); return; }
  if (state !== 'online' && was === 'online') session.disconnected();
  if (state === 'waiting' && detail?.code) closed_because = detail;
  if (!entered) { if (state === 'waiting') sign_in.waiting(door_line(detail, offline())); return; }
  draw_banner();
  draw();
}

function refused(error, identity) {
  leave(explain(error));
  if (identity.name && error.code === 'unauthenticated') sign_in.ask_token();
}

function leave(problem) {
  link?.close();
  link = undefined;
  session = undefined;
  close_all();
  panes.gone();
  notice.hide();
  memory.keep_identity(undefined);
  at('banner').hidden = true;
  document.title = 'Kith';
  sign_in.given = undefined;
  sign_in.show(problem);
}

function draw_banner() {
  const text = session && entered && status === 'waiting' ? waiting_line(closed_because, offline()) : '';
  at('banner').hidden = !text;
  at('try-now').hidden = offline();
  set_text(at('banner-text'), text);
}

// ---- what is said and shown

function heard(message, conversation) {
  const looking = session.open === message.cid && !document.hidden;
  const who = name_of(session.inbox, message.sender);
  if (looking && document.hasFocus()) { set_text(at('announce'), `${is_note(message) ? '' : `${who}: `}${preview(message.text ?? '')}`); return; }
  if (is_note(message) || message.silent) return;
  const where = conversation && conversation.kind !== 'direct' ? ` in ${title_of(session.inbox, conversation)}` : '';
  set_text(at('announce'), `New message from ${who}${where}`);
}

function open(key) {
  session.show(key);
  document.body.dataset.pane = 'thread';
  panes.opened();
  draw_now();
  composer.focus();
}

/** Back in the list, at the conversation one came from. */
function closed() {
  if (!session?.open) return;
  const entry = at('list').querySelector('[aria-current]');
  session.show(undefined);
  draw_now();
  (entry?.isConnected ? entry : at('list').querySelector('[tabindex="0"]') ?? at('talk-to')).focus();
}

function draw_now() {
  if (!session) return;
  if (!session.open && document.body.dataset.pane === 'thread') { document.body.dataset.pane = 'list'; panes.gone(); }
  list.draw(session, status);
  threads.draw(session, status);
  if (at('members-dialog').open) group.draw();
}

const draw = coalesced(draw_now);
function changed() { draw(); }

const panes = new Panes({ narrow: () => globalThis.matchMedia('(max-width: 46rem)').matches, history: globalThis.history, closed, target: globalThis });
const notice = new Notice();
const list = new ListView({
  open, talk: (user) => open(session.key_of_user(user)), choose: (chosen) => session.people.choose(chosen),
  more: () => session.load_list(session.list.next), again: () => session.load_list(),
});
const composer = new Composer({ send: (text, reply_to) => { threads.follow = true; session.sending.send(text, reply_to); }, wrote: (text) => session.wrote(text) });
const threads = new ThreadView({
  retry: (client_id) => session.sending.retry(client_id), discard: (client_id) => session.sending.discard(client_id),
  older: () => session.reading.load_older(session.open), hole: (to) => session.reading.load_hole(session.open, to),
  again: () => session.reading.load_newest(session.open), seen: () => session.reading.seen(),
  back: () => panes.back(), members: () => group.open(),
}, composer);
const group = new GroupView(() => session);
new NewGroupView(() => session, open);

for (const button of document.querySelectorAll('[data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
at('leave').addEventListener('click', () => leave());
at('try-now').addEventListener('click', () => link?.try_now());
globalThis.addEventListener('online', () => link?.try_now());
for (const event of ['focus', 'online', 'offline']) globalThis.addEventListener(event, () => { draw_banner(); draw(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden) draw(); });
// Times and day lines grow old by themselves.
setInterval(() => { if (!document.hidden) draw(); }, 60_000);
setInterval(() => session?.tick(), 1_000);

const given = token_of_address();
const sign_in = new SignInView({ enter, cancel: () => leave() }, given);
const known = given ? { token: given } : memory.window_identity();
sign_in.show();
if (known) enter(known);
