// What each event of the server does to a session. An event that is not listed is not for this page.
import * as boxes from './inbox.js';
import * as threads from './thread.js';

export const lobby = 'lobby';

export const handlers = {
  hello: (session, body) => session.hello(body),
  'message.new': (session, body) => session.message(body),
  'message.stored': (session, body) => {
    const early = session.thread(body.cid).by_id.get(body.id);
    if (early) session.message({ ...early, ...body });
  },
  'message.retracted': (session, { cid, id }) => threads.retract(session.thread(cid), id),
  'conversation.added': (session, { conversation }) => session.added(conversation),
  'conversation.removed': (session, { conversation }) => session.removed(conversation.cid),
  'conversation.updated': (session, body) => session.updated(body),
  'conversation.gap': (session, { cid, from, to }) => {
    threads.add_gap(session.thread(cid), from, to);
    session.people.doubt();   // removals may be among them
  },
  'member.added': (session, body) => session.member('added', body),
  'member.removed': (session, body) => session.member('removed', body),
  'member.updated': (session, body) => session.member('updated', body),
  'message.read': (session, { cid, members }) => {
    for (const { user, read_seq } of members) session.reading.mark(cid, user, { read_seq, delivered_seq: read_seq });
  },
  'message.delivered': (session, { cid, members }) => {
    for (const { user, delivered_seq } of members) session.reading.mark(cid, user, { delivered_seq });
  },
  'receipt.self': (session, body) => boxes.note_unread(session.inbox, body),
  'unread.updated': (session, body) => boxes.note_unread(session.inbox, body),
  'room.joined': (session, { room, user }) => { if (room === lobby) session.inbox.here.add(user); },
  'room.left': (session, { room, user }) => { if (room === lobby) session.inbox.here.delete(user); },
  'typing.start': (session, { cid, user }) => session.typing.started(cid, user, session.clock()),
  'typing.stop': (session, { cid, user }) => session.typing.stopped(cid, user),
  'presence.changed': (session, body) => session.people.presence.note(body),
  'auth.expiring': (session) => session.noticed('Your token is about to expire: ask for a fresh one.'),
  'session.reset': (session) => session.reset(),
};
