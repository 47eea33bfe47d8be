// What the clients' logs and the store say together. `judge` is told of
//   devices: [{name, user, sends, heard}] as device.mjs writes them
//   conversations: [{cid, members, restless}], stored: Map(cid → messages, ascending), listed: Map(user → Map(cid → {read_seq, unread}))
// and gives {violations: [{rule, said}], acked, delivered}. `members` are those of the beginning; into a `restless` one people come and
// from it they go. Each rule has a test.
import { check_marks } from './marks.mjs';
import { Memberships } from './memberships.mjs';
import { check_sessions } from './sessions.mjs';

export const rules = ['lost', 'twice', 'order', 'hole', 'shown_twice', 'lacks', 'unanswered', 'refused', 'wrong', 'early', 'after_removal', 'unread'];
const not_in = ['not_member', 'not_found'];

const key_of = (sender, client_id) => `${sender}/${client_id}`;

export function judge({ devices, conversations, stored, listed }) {
  const violations = [];
  const say = (rule, said) => violations.push({ rule, said });
  const by_id = new Map();
  const by_key = new Map();
  const memberships = new Memberships(devices, conversations);
  const restless = new Set(conversations.filter((conversation) => conversation.restless).map(({ cid }) => cid));
  const sends = new Map(devices.flatMap((device) => device.sends.map((entry) => [entry.client_id, entry])));
  for (const { cid } of conversations) check_log(cid, stored.get(cid) ?? [], { by_id, by_key, memberships, say });
  for (const device of devices) {
    check_sends(device, by_key, restless, say);
    check_order(device, by_key, say);
    check_sessions(device, { stored, by_id, memberships, sends, say });
    check_complete(device, conversations, { stored, memberships, say });
  }
  check_marks({ devices, conversations, stored, listed, memberships, say });
  check_origin(devices, by_key, say);
  const sum = (count) => devices.reduce((all, device) => all + count(device), 0);
  return {
    violations,
    acked: sum(({ sends }) => sends.filter(({ acks }) => acks.length).length),
    delivered: sum(({ heard }) => heard.filter(({ what }) => what === 'new' || what === 'early').length),
  };
}

/** The store by itself: one gapless log, every id and every client_id once, nothing by who was no member. */
function check_log(cid, messages, { by_id, by_key, memberships, say }) {
  let place = 0;
  messages.forEach((message, i) => {
    const { id, seq, no, sender, client_id } = message;
    for (place += 1; place < seq && memberships.is_event(cid, place);) place += 1;
    if (seq !== place || no !== i + 1) say('order', `${cid}: message ${i + 1}, due at ${place}, has seq ${seq} and no ${no}`);
    place = seq;
    if (!memberships.was_in(cid, sender, seq)) say('after_removal', `${cid}: ${seq} is by ${sender}, then no member`);
    const key = key_of(sender, client_id);
    if (by_id.has(id)) say('twice', `${cid}: id ${id} at ${by_id.get(id).seq} and ${seq}`);
    else if (by_key.has(key)) say('twice', `${cid}: ${key} at ${by_key.get(key).seq} and ${seq}`);
    by_id.set(id, message);
    by_key.set(key, message);
  });
}

/** Every acknowledgement is true and every send has one; a retry is answered as the first time. Who was shown out may be refused, and then
 *  what he sent once is not there. */
function check_sends(device, by_key, restless, say) {
  for (const { cid, client_id, text, acks, refused_for_good, emitted } of device.sends) {
    const message = by_key.get(key_of(device.user, client_id));
    const shown_out = refused_for_good && restless.has(cid) && not_in.includes(refused_for_good.code);
    if (refused_for_good && !shown_out) say('refused', `${device.name}: ${client_id}: ${JSON.stringify(refused_for_good)}`);
    else if (shown_out && message && emitted.length === 1) say('refused', `${device.name}: ${client_id} was refused and is stored at ${message.seq}`);
    else if (shown_out) continue;
    else if (!acks.length) say('unanswered', `${device.name}: ${client_id}${message ? `, stored at ${message.seq}` : ', not stored'}`);
    for (const ack of acks) {
      if (!message) say('lost', `${device.name}: acknowledged ${client_id} (${cid} ${ack.seq}) is not stored`);
      else if (message.cid !== cid || message.id !== ack.id || message.seq !== ack.seq || message.no !== ack.no)
        say('wrong', `${device.name}: ${client_id} acknowledged as ${ack.id} ${ack.seq}/${ack.no}, stored as ${message.id} ${message.seq}/${message.no} of ${message.cid}`);
    }
    if (message && message.text !== text) say('wrong', `${device.name}: ${client_id} is stored with another text`);
  }
}

/** What a device wrote into a conversation lies there in that order, but for what was refused and sent again. */
function check_order(device, by_key, say) {
  const last = new Map();
  for (const { cid, client_id, refused } of device.sends) {
    const message = by_key.get(key_of(device.user, client_id));
    if (!message || refused.length) continue;
    const before = last.get(cid);
    if (before && before.seq >= message.seq) say('order', `${device.name}: ${client_id} lies at ${message.seq}, ${before.client_id} written before it at ${before.seq}`);
    last.set(cid, message);
  }
}

/** A member's device has every message since he came: shown, read out of a gap, or acknowledged to it. */
function check_complete(device, conversations, { stored, memberships, say }) {
  const has = new Set(device.heard.filter(({ what }) => ['new', 'stored', 'filled', 'ack'].includes(what)).map(({ id }) => id));
  for (const { cid } of conversations) {
    const since = memberships.since(cid, device.user);
    if (since === undefined) continue;
    const missing = (stored.get(cid) ?? []).filter(({ id, seq }) => seq > since && !has.has(id));
    if (missing.length) say('lacks', `${device.name}: ${missing.length} of ${cid}, seq ${missing.slice(0, 8).map(({ seq }) => seq).join(' ')}`);
  }
}

/** Nothing is stored that nobody wrote. */
function check_origin(devices, by_key, say) {
  const written = new Set(devices.flatMap(({ user, sends }) => sends.map(({ client_id }) => key_of(user, client_id))));
  for (const [key, { cid, seq }] of by_key) if (!written.has(key)) say('wrong', `${cid} ${seq}: ${key} was written by nobody`);
}
