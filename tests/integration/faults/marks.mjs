// Reading marks and unread counts as the server lists them in the end, against the log and against what was read and written.

/** `listed`: Map(user → Map(cid → {read_seq, unread})); says `unread` and `after_removal`. */
export function check_marks({ devices, conversations, stored, listed, memberships, say }) {
  for (const { cid } of conversations) {
    const messages = stored.get(cid) ?? [];
    for (const user of listed.keys()) {
      const since = memberships.since(cid, user);
      const entry = listed.get(user).get(cid);
      const where = `${user} in ${cid}`;
      if (since === undefined) {
        if (entry) say('after_removal', `${where}: is none of its members and has it in his list`);
      } else if (!entry) say('unread', `${where}: is not in his list`);
      else check_mark(where, entry, bounds(devices, messages, cid, user, since), messages, say);
    }
  }
}

function check_mark(where, { read_seq, unread }, { low, high }, messages, say) {
  const counted = messages.filter(({ seq }) => seq > read_seq).length;
  if (unread !== counted) say('unread', `${where}: ${unread} unread are said, ${counted} lie above ${read_seq}`);
  if (read_seq < low || read_seq > high) say('unread', `${where}: read up to ${read_seq}, must be ${low} to ${high}`);
}

/** Sending is reading, and so is coming in; a reading mark that was not answered may or may not have arrived. */
function bounds(devices, messages, cid, user, since) {
  const own = Math.max(since, ...messages.filter(({ sender }) => sender === user).map(({ seq }) => seq));
  const said = (kind) => devices.filter((device) => device.user === user)
    .flatMap(({ heard }) => heard.filter(({ what, cid: of, seq }) => what === kind && of === cid && seq >= since).map(({ seq }) => seq));
  return { low: Math.max(own, ...said('read')), high: Math.max(own, ...said('reads')) };
}
