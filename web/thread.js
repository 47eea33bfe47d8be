// What is known of one conversation's log. Pure: pages, live events and own sends may come in any order and any number of times;
// the same facts give the same thread.
//   items  by seq, then what has no seq yet in the order it was written
//   holes  [from, to] seqs the server said it skipped; a page that covers them closes them
//   top    undefined: nothing read yet; a number: read on with `before: top`; null: the start is here

export function new_thread() {
  return { items: [], by_id: new Map(), by_client: new Map(), lines: new Map(), holes: [], top: undefined, head: 0, written: 0 };
}

function before(a, b) {
  if (a.seq !== null && b.seq !== null) return a.seq - b.seq;
  if (a.seq !== null) return -1;
  if (b.seq !== null) return 1;
  return a.written - b.written;
}

/** Nearly everything is put at the end, so the place is searched from there. */
function place(thread, item) {
  let at = thread.items.length;
  while (at > 0 && before(item, thread.items[at - 1]) < 0) at -= 1;
  thread.items.splice(at, 0, item);
}

function replace(thread, item, seq) {
  if (item.seq === seq) return;
  thread.items.splice(thread.items.indexOf(item), 1);
  item.seq = seq;
  place(thread, item);
}

/** A note of the application ("the call has ended"), nobody's words. */
export const is_note = ({ type }) => type === 'system' || Boolean(type?.startsWith('system.'));

const client_key = (sender, client_id) => `${sender}\n${client_id}`;

function index(thread, item) {
  if (item.id) thread.by_id.set(item.id, item);
  if (item.client_id) thread.by_client.set(client_key(item.sender, item.client_id), item);
}

/** A message of the server, live or from a page. True if it was not shown before. */
export function add_message(thread, message) {
  const known = thread.by_id.get(message.id) ?? thread.by_client.get(client_key(message.sender, message.client_id));
  const seq = message.seq ?? null;
  thread.head = Math.max(thread.head, seq ?? 0);
  if (known) {
    if (seq !== null) replace(thread, known, seq);
    Object.assign(known, { id: message.id, no: message.no ?? known.no, ts: message.ts, state: 'sent' });
    index(thread, known);
    return false;
  }
  const { id, client_id, sender, type = 'text', text = '', ts, no, reply_to, attachments } = message;
  const item = { kind: 'message', key: id, id, client_id, sender, type, text, ts, no, seq, reply_to, attachments, state: 'sent', written: ++thread.written };
  index(thread, item);
  place(thread, item);
  return true;
}

/** An own message, not yet confirmed. */
export function add_pending(thread, { client_id, sender, text, ts, reply_to }) {
  const known = thread.by_client.get(client_key(sender, client_id));
  if (known) return known;
  const item = { kind: 'message', key: `p:${client_id}`, client_id, sender, type: 'text', text, ts, reply_to, seq: null, state: 'pending', written: ++thread.written };
  index(thread, item);
  place(thread, item);
  return item;
}

/** The ack of an own message: it has its place now. */
export function confirm(thread, sender, client_id, { id, seq, no, ts }) {
  const item = thread.by_client.get(client_key(sender, client_id));
  if (!item) return;
  Object.assign(item, { id, no, ts: ts ?? item.ts, state: 'sent', problem: undefined });
  thread.head = Math.max(thread.head, seq ?? 0);
  replace(thread, item, seq);
  index(thread, item);
}

export function set_state(thread, sender, client_id, state, problem) {
  const item = thread.by_client.get(client_key(sender, client_id));
  if (item && item.state !== 'sent') Object.assign(item, { state, problem });
}

/** An own message that was given up. */
export function forget_own(thread, sender, client_id) {
  const item = thread.by_client.get(client_key(sender, client_id));
  if (!item || item.state === 'sent') return;
  thread.items.splice(thread.items.indexOf(item), 1);
  thread.by_client.delete(client_key(sender, client_id));
}

/** What was shown early and not settled when the connection ended: it comes again if it is stored. */
export function forget_early(thread) {
  for (const item of thread.items.filter(({ seq, id }) => seq === null && id)) retract(thread, item.id);
}

/** Shown early, not stored after all. */
export function retract(thread, id) {
  const item = thread.by_id.get(id);
  if (!item || item.seq !== null) return;
  thread.items.splice(thread.items.indexOf(item), 1);
  thread.by_id.delete(id);
  thread.by_client.delete(client_key(item.sender, item.client_id));
}

/** member.added, member.removed and the like: a line between messages. */
export function add_line(thread, what, { seq, user, actor, role, title, ts }) {
  if (thread.lines.has(seq)) return false;
  const item = { kind: 'line', key: `l:${seq}`, what, user, actor, role, title, ts, seq, written: ++thread.written };
  thread.lines.set(seq, item);
  thread.head = Math.max(thread.head, seq);
  place(thread, item);
  return true;
}

export function add_gap(thread, from, to) {
  if (from > to || thread.holes.some((hole) => hole.from <= from && to <= hole.to)) return;
  thread.holes.push({ from, to });
  thread.holes.sort((a, b) => a.from - b.from);
}

function cover(thread, from, to) {
  thread.holes = thread.holes.flatMap((hole) => {
    if (to < hole.from || hole.to < from) return [hole];
    const rest = [];
    if (hole.from < from) rest.push({ from: hole.from, to: from - 1 });
    if (to < hole.to) rest.push({ from: to + 1, to: hole.to });
    return rest;
  });
}

/** A page of message.history asked with `before` (undefined: the newest page). Gives how many messages were new. */
export function add_page(thread, asked_before, { messages, prev, head }) {
  const added = messages.reduce((sum, message) => sum + (add_message(thread, message) ? 1 : 0), 0);
  const from = prev === undefined ? 1 : (messages[0]?.seq ?? asked_before ?? 1);
  const to = asked_before === undefined ? Math.max(head ?? 0, messages[messages.length - 1]?.seq ?? 0) : asked_before - 1;
  cover(thread, from, to);
  const next_top = prev ?? null;
  const reads_on = thread.top === undefined || asked_before === thread.top;
  if (reads_on || (next_top === null) || (thread.top !== null && next_top < thread.top)) thread.top = next_top;
  thread.head = Math.max(thread.head, head ?? 0);
  return added;
}

/** The seq up to which everything on screen is read, for receipt.read; 0 if there is nothing. */
export function last_seq(thread) {
  for (let at = thread.items.length - 1; at >= 0; at -= 1) if (thread.items[at].seq !== null) return thread.items[at].seq;
  return 0;
}

/** The message of this place, if it was read. What is answered is mostly not far away. */
export function find_seq(thread, seq) {
  for (let at = thread.items.length - 1; at >= 0; at -= 1) if (thread.items[at].seq === seq && thread.items[at].kind === 'message') return thread.items[at];
  return undefined;
}
