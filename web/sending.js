// Own messages: shown at once, sent by the outbox, and what is begun as `to:USER` becomes a conversation.
import * as boxes from './inbox.js';
import * as threads from './thread.js';
import { refusal } from './format.js';
import { Outbox } from './outbox.js';

export class Sending {
  constructor(session, { kept, save }) {
    this.session = session;
    this.outbox = new Outbox({
      entries: kept, save, later: session.later,
      send: ({ cid, to, text, client_id, reply_to }) => session.ask('message.send', { ...(cid ? { cid } : { to }), client_id, text, ...(reply_to ? { reply_to } : {}) }),
      on_sent: (entry, data) => this.#sent(entry, data),
      on_failed: (entry, error) => this.#note(entry, 'failed', error),
      on_waiting: (entry, error) => this.#note(entry, 'pending', error),
    });
  }

  connected() { this.outbox.connected(); }
  disconnected() { this.outbox.disconnected(); }
  show_all() { for (const entry of this.outbox.entries) this.#show(entry); }

  send(text, reply_to) {
    const { session } = this;
    const key = session.open;
    if (!key || !text.trim()) return;
    const target = key.startsWith('to:') ? { to: key.slice(3) } : { cid: key };
    session.new_after = undefined;
    session.writing.sent(session.clock());
    const entry = { ...target, text, reply_to, client_id: session.new_client_id(), ts: session.now() };
    this.#show(entry);
    this.outbox.add(target, text, entry);
    session.changed('thread');
  }

  retry(client_id) {
    const entry = this.outbox.retry(client_id);
    if (!entry) return;
    threads.set_state(this.#thread_of(entry), this.session.me, client_id, 'pending');
    this.session.changed('thread');
  }

  /** The user gives up what was refused. */
  discard(client_id) {
    const entry = this.outbox.entries.find((one) => one.client_id === client_id);
    if (!entry) return;
    this.outbox.discard(client_id);
    threads.forget_own(this.#thread_of(entry), this.session.me, client_id);
    this.session.changed('thread');
  }

  /** The conversation is gone: gives how much was still to be sent there. */
  forget(cid) {
    const there = this.outbox.entries.filter((entry) => entry.cid === cid);
    for (const { client_id } of there) this.outbox.discard(client_id);
    return there.length;
  }

  /** What was begun as `to:USER` is this conversation. */
  adopt(user, cid) {
    const { session } = this;
    const kept = session.conversation(cid) ?? boxes.keep_conversation(session.inbox, { cid, kind: 'direct' });
    kept.peer = user;
    const key = `to:${user}`;
    const begun = session.threads.get(key);
    if (begun) {
      session.threads.delete(key);
      for (const item of begun.items) {
        threads.add_pending(session.thread(cid), item);
        threads.set_state(session.thread(cid), session.me, item.client_id, item.state, item.problem);
      }
    }
    if (session.open === key) session.show(cid);
  }

  #thread_of({ cid, to }) { return this.session.thread(cid ?? this.session.key_of_user(to)); }

  #show(entry) {
    threads.add_pending(this.#thread_of(entry), { ...entry, sender: this.session.me });
    if (entry.failed) threads.set_state(this.#thread_of(entry), this.session.me, entry.client_id, 'failed');
  }

  #sent(entry, data) {
    const { session } = this;
    if (entry.to) this.adopt(entry.to, data.cid);
    threads.confirm(session.thread(data.cid), session.me, entry.client_id, data);
    if (!session.conversation(data.cid)?.role) session.fetch_conversation(data.cid);
    boxes.note_message(session.inbox, { ...data, client_id: entry.client_id, sender: session.me, text: entry.text });
    session.changed('thread');
  }

  #note(entry, state, error) {
    threads.set_state(this.#thread_of(entry), this.session.me, entry.client_id, state, refusal(error));
    this.session.changed('thread');
  }
}
