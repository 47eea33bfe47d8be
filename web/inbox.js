// The list of conversations: order, titles, unread counts. Pure, and as forgiving of order and repetition as thread.js.
// Counts go by `no`, which numbers what counts as unread: unread = last_no − read_no, and both only rise.

export function new_inbox(me) {
  return { me, conversations: new Map(), names: new Map(), here: new Set() };
}

/** From conversation.list, .get, .create or conversation.added. Gives the conversation as kept. */
export function keep_conversation(inbox, shown) {
  const kept = inbox.conversations.get(shown.cid)
    ?? { cid: shown.cid, last_no: 0, read_no: 0, read_seq: 0, last_seq: 0, activity: '', peer: undefined, last: undefined };
  inbox.conversations.set(shown.cid, kept);
  for (const field of ['kind', 'title', 'role', 'members', 'created_at']) if (shown[field] !== undefined) kept[field] = shown[field];
  if (kept.kind === 'direct' && shown.users?.length) kept.peer = shown.users.find((user) => user !== inbox.me) ?? inbox.me;
  kept.read_seq = Math.max(kept.read_seq, shown.read_seq ?? 0);
  kept.last_seq = Math.max(kept.last_seq, shown.last_seq ?? 0);
  if (shown.created_at > kept.activity) kept.activity = shown.created_at;
  if (shown.last_message) note_message(inbox, shown.last_message);
  if (shown.unread !== undefined) {
    const counted_to = shown.last_message?.no ?? kept.last_no;
    kept.read_no = Math.max(kept.read_no, counted_to - shown.unread);
  }
  return kept;
}

/** Any message seen anywhere. False if its conversation is not known here. */
export function note_message(inbox, message) {
  const kept = inbox.conversations.get(message.cid);
  if (!kept) return false;
  const no = message.no ?? 0;
  if (!kept.last || (message.seq ?? Infinity) >= (kept.last.seq ?? 0)) kept.last = message;
  kept.last_no = Math.max(kept.last_no, no);
  kept.last_seq = Math.max(kept.last_seq, message.seq ?? 0);
  if (message.ts > kept.activity) kept.activity = message.ts;
  if (message.sender === inbox.me) kept.read_no = Math.max(kept.read_no, no);   // to send is to read
  else if (kept.kind === 'direct') kept.peer = message.sender;
  return true;
}

/** unread.updated and receipt.self: what the server counts now. */
export function note_unread(inbox, { cid, unread, read_seq }) {
  const kept = inbox.conversations.get(cid);
  if (!kept || unread === undefined) return;
  kept.read_no = Math.max(kept.read_no, kept.last_no - unread);
  kept.read_seq = Math.max(kept.read_seq, read_seq ?? 0);
}

/** The user has the end of this conversation before his eyes. True if that is news for the server. */
export function mark_read(inbox, cid, seq) {
  const kept = inbox.conversations.get(cid);
  if (!kept || seq <= kept.read_seq) return false;
  kept.read_seq = seq;
  if (!kept.last || (kept.last.seq ?? 0) <= seq) kept.read_no = kept.last_no;
  return true;
}

export const unread_of = (kept) => Math.max(0, kept.last_no - kept.read_no);

export function total_unread(inbox) {
  let sum = 0;
  for (const kept of inbox.conversations.values()) sum += unread_of(kept);
  return sum;
}

/** Latest activity first; equal times by cid, so that the list does not jump. */
export function ordered(inbox) {
  return [...inbox.conversations.values()]
    .sort((a, b) => (a.activity === b.activity ? (a.cid < b.cid ? -1 : 1) : (a.activity < b.activity ? 1 : -1)));
}

export const name_of = (inbox, user) => inbox.names.get(user) || user;

export function title_of(inbox, kept) {
  if (kept.kind !== 'direct') return kept.title || 'Group';
  return kept.peer ? name_of(inbox, kept.peer) : '…';
}

export function find_direct(inbox, user) {
  for (const kept of inbox.conversations.values()) if (kept.kind === 'direct' && kept.peer === user) return kept;
  return undefined;
}

/** Users whose names are worth asking for. */
export function unnamed(inbox) {
  const wanted = new Set();
  for (const kept of inbox.conversations.values()) {
    if (kept.peer && !inbox.names.has(kept.peer)) wanted.add(kept.peer);
    if (kept.last && !inbox.names.has(kept.last.sender)) wanted.add(kept.last.sender);
  }
  return [...wanted];
}
