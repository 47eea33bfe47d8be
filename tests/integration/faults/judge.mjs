// What the clients' logs and the store say together. `judge` is told of
//   devices: [{name, user, sends, heard}] as device.mjs writes them
//   conversations: [{cid, members}], stored: Map(cid → messages, ascending)
// and gives {violations: [{rule, said}], acked, delivered}. Rules, each with a test: lost, twice, order, hole, shown_twice, lacks,
// unanswered, refused, wrong.

export const rules = ['lost', 'twice', 'order', 'hole', 'shown_twice', 'lacks', 'unanswered', 'refused', 'wrong'];

const key_of = (sender, client_id) => `${sender}/${client_id}`;

export function judge({ devices, conversations, stored }) {
  const violations = [];
  const say = (rule, said) => violations.push({ rule, said });
  const by_id = new Map();
  const by_key = new Map();
  for (const { cid } of conversations) check_log(cid, stored.get(cid) ?? [], { by_id, by_key, say });
  for (const device of devices) {
    check_sends(device, by_key, say);
    check_order(device, by_key, say);
    check_heard(device, stored, by_id, say);
    check_complete(device, conversations, stored, say);
  }
  check_origin(devices, by_key, say);
  const sum = (count) => devices.reduce((all, device) => all + count(device), 0);
  return {
    violations,
    acked: sum(({ sends }) => sends.filter(({ acks }) => acks.length).length),
    delivered: sum(({ heard }) => heard.filter(({ what }) => what === 'new').length),
  };
}

/** The store by itself: one gapless log, every id and every client_id once. */
function check_log(cid, messages, { by_id, by_key, say }) {
  messages.forEach((message, i) => {
    const { id, seq, no, sender, client_id } = message;
    if (seq !== i + 1 || no !== i + 1) say('order', `${cid}: place ${i + 1} has seq ${seq} and no ${no}`);
    const key = key_of(sender, client_id);
    if (by_id.has(id)) say('twice', `${cid}: id ${id} at ${by_id.get(id).seq} and ${seq}`);
    else if (by_key.has(key)) say('twice', `${cid}: ${key} at ${by_key.get(key).seq} and ${seq}`);
    by_id.set(id, message);
    by_key.set(key, message);
  });
}

/** Every acknowledgement is true and every send has one; a retry is answered as the first time. */
function check_sends(device, by_key, say) {
  for (const { cid, client_id, text, acks, refused_for_good } of device.sends) {
    const message = by_key.get(key_of(device.user, client_id));
    if (refused_for_good) say('refused', `${device.name}: ${client_id}: ${JSON.stringify(refused_for_good)}`);
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

/** Session by session: each event once, ascending, nothing left out on the way, and as it is stored. */
function check_heard(device, stored, by_id, say) {
  let places = new Map();   // cid → {last, gaps, ids} of this session
  const place = (cid) => { if (!places.has(cid)) places.set(cid, { last: 0, gaps: [], ids: new Set() }); return places.get(cid); };
  // An own message comes as an acknowledgement, which may follow what lies above it, or be lost with the session.
  const own = new Map(device.sends.map((entry) => [entry.client_id, entry]));
  const is_own = (cid, seq, session) => own.get(stored.get(cid)?.[seq - 1]?.client_id)?.emitted.includes(session);
  const covered = (at, cid, seq, session) => is_own(cid, seq, session) || at.gaps.some(({ from, to }) => from <= seq && seq <= to);
  for (const event of device.heard) {
    const { what, cid, id, seq, session } = event;
    const where = `${device.name} session ${session}: ${cid} ${seq}`;
    if (what === 'hello') places = new Map();
    if (what === 'reset') say('wrong', `${device.name} session ${session}: session.reset`);
    if (what === 'gap') place(cid).gaps.push(event);
    if (what === 'new' || what === 'filled') check_shown(device, event, by_id, say);
    if (what === 'ack') place(cid).ids.add(id);
    if (what !== 'new') continue;
    const at = place(cid);
    if (at.ids.has(id)) say('shown_twice', `${where}: ${id}`);
    else if (seq <= at.last) say('order', `${where} after ${at.last}`);
    for (let passed = at.last + 1; at.last && passed < seq; passed += 1) if (!covered(at, cid, passed, session)) say('hole', `${where}: ${passed} was left out`);
    at.ids.add(id);
    at.last = Math.max(at.last, seq);
  }
}

function check_shown(device, { session, cid, id, seq, no, sender, client_id, text }, by_id, say) {
  const message = by_id.get(id);
  if (!message) { say('wrong', `${device.name} session ${session}: ${cid} ${seq} ${id} was shown and is not stored`); return; }
  const same = message.cid === cid && message.seq === seq && message.no === no && message.sender === sender && message.client_id === client_id && message.text === text;
  if (!same) say('wrong', `${device.name} session ${session}: ${id} was shown as ${cid} ${seq}/${no} ${client_id}, stored as ${message.cid} ${message.seq}/${message.no} ${message.client_id}`);
}

/** A member's device has every message: shown, read out of a gap, or acknowledged to it. */
function check_complete(device, conversations, stored, say) {
  const has = new Set(device.heard.filter(({ what }) => what === 'new' || what === 'filled' || what === 'ack').map(({ id }) => id));
  for (const { cid, members } of conversations) {
    if (!members.includes(device.user)) continue;
    const missing = (stored.get(cid) ?? []).filter(({ id }) => !has.has(id));
    if (missing.length) say('lacks', `${device.name}: ${missing.length} of ${cid}, seq ${missing.slice(0, 8).map(({ seq }) => seq).join(' ')}`);
  }
}

/** Nothing is stored that nobody wrote. */
function check_origin(devices, by_key, say) {
  const written = new Set(devices.flatMap(({ user, sends }) => sends.map(({ client_id }) => key_of(user, client_id))));
  for (const [key, { cid, seq }] of by_key) if (!written.has(key)) say('wrong', `${cid} ${seq}: ${key} was written by nobody`);
}
