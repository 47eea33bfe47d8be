// The right side: one conversation, from its oldest read message to its newest.
import { at, avatar_into, h, reconcile, set_text } from './dom.js';
import { preview } from './format.js';
import { name_of, title_of } from './inbox.js';
import { line_text } from './lines.js';
import { attachment_of } from './links.js';
import { presence_line } from './presence.js';
import { rows_of } from './rows.js';
import { find_seq } from './thread.js';
import { rove } from './keys.js';
import { typing_line } from './typing.js';
import { message_node } from './view_message.js';

const near_end_px = 60;
const near_top_px = 240;

export class ThreadView {
  /** `on` = {retry(client_id), discard(client_id), older(), hole(to), again(), back(), members(), seen()}. */
  constructor(on, composer) {
    this.on = { ...on, jump: (seq) => this.#jump(seq) };
    this.composer = composer;
    this.log = at('log');
    this.follow = true;      // at the end, so it stays at the end
    this.missed = 0;
    this.log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    at('to-end').addEventListener('click', () => { this.to_end(); this.on.seen(); this.composer.focus(); });
    this.settle = rove(at('rows'), { among: '.reply', last: true });
    at('back').addEventListener('click', () => on.back());
    at('members').addEventListener('click', () => on.members());
    at('thread').addEventListener('keydown', (event) => { if (event.key === 'Escape' && !event.isComposing && this.key) on.back(); });
    new ResizeObserver(() => { if (this.follow) this.to_end(); }).observe(this.log);
  }

  draw(session, status) {
    const key = session.open;
    const kept = session.conversation(key);
    for (const id of ['thread-head', 'log']) at(id).hidden = !key;
    at('thread-empty').hidden = Boolean(key);
    this.#turn_to(key, session);
    if (!key) { for (const id of ['to-end', 'compose']) at(id).hidden = true; return; }
    this.#draw_head(session, kept, status === 'online');
    this.#draw_rows(session, kept);
  }

  /** Another conversation than before: its draft, its end. What becomes of `to:USER` keeps its draft. */
  #turn_to(key, session) {
    if (this.key === key) return;
    const became = this.key?.startsWith('to:') && session.conversation(key)?.peer === this.key.slice(3);
    this.composer.turn_to(key, became);
    if (!became) {
      this.follow = true;
      this.missed = 0;
      this.newest = undefined;
      at('rows').replaceChildren();
      at('rows').drawn = undefined;
    }
    this.key = key;
  }

  #draw_head(session, kept, online) {
    const { inbox, peer } = session;
    const group = kept ? kept.kind !== 'direct' : false;
    const title = group ? title_of(inbox, kept) : peer ? name_of(inbox, peer) : '…';
    set_text(at('thread-title'), title);
    const typing = typing_line(session.typing_names(this.key));
    const state = group ? undefined : session.people.presence.get(peer);
    const people = kept?.members === 1 ? 'Only you' : `${kept?.members ?? ''} members`;
    set_text(at('thread-sub'), typing || (group ? people : !online ? '' : state ? presence_line(state, Date.now()) : inbox.here.has(peer) ? 'Here now' : ''));
    at('thread-sub').dataset.status = !online || typing ? '' : state?.status ?? '';
    at('thread-sub').classList.toggle('is-typing', Boolean(typing));
    avatar_into(at('thread-avatar'), title, group);
    at('members').hidden = !group;
    this.title = title;
    this.composer.draw({ title, bytes_max: session.limits.text_bytes_max });
  }

  #draw_rows(session, kept) {
    const thread = session.thread(this.key);
    const group = kept ? kept.kind !== 'direct' : false;
    const rows = rows_of(thread, { me: session.me, now: Date.now(), group, marks: session.reading.marks_of(this.key), new_after: session.new_after });
    for (const row of rows) this.#describe(row, session, thread);
    const anchor = this.follow ? undefined : this.#anchor();
    const newest = rows[rows.length - 1]?.key;
    reconcile(at('rows'), rows, { key: (row) => row.key, same: (a, b) => a.looks === b.looks, make: (row) => this.#make(row) });
    this.settle();
    if (this.follow) this.to_end();
    else if (anchor?.node.isConnected) this.log.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    if (!this.follow && this.newest && newest !== this.newest) this.missed += 1;
    this.newest = newest;
    this.log.setAttribute('aria-busy', String(Boolean(thread.loading)));
    this.#draw_note(thread);
    this.#draw_to_end();
    this.#want_more(thread);
    if (this.follow && !document.hidden && document.hasFocus()) this.on.seen();
  }

  #draw_note(thread) {
    const note = at('log-note');
    note.hidden = !(thread.loading || thread.problem || (thread.top === null && !thread.items.length));
    note.classList.toggle('loading', Boolean(thread.loading));
    note.classList.toggle('alone', !thread.items.length);
    if (thread.problem) note.replaceChildren(`Could not load: ${thread.problem} `, h('button', { type: 'button', class: 'inline', onclick: () => this.on.again() }, 'Try again'));
    else set_text(note, thread.loading ? 'Loading…' : 'No messages yet. Say hello.');
  }

  /** Everything a row shows, in one string: a row is drawn again only when it changed. */
  #describe(row, session, thread) {
    const { item } = row;
    const name = (user) => name_of(session.inbox, user);
    if (row.kind === 'line') row.text = item.kind === 'message' ? item.text : line_text(item, { name, me: session.me });
    if (row.kind === 'message') {
      row.name = name(item.sender);
      if (item.seq !== null) row.answer = () => this.composer.answer(this.#quote(item, item.seq, session, name));
      if (item.reply_to) row.quote = this.#quote(find_seq(thread, item.reply_to), item.reply_to, session, name);
    }
    row.looks = [row.kind, row.label ?? row.text, row.first, row.last, row.named && row.name, row.tick, item?.ts, item?.problem, row.quote?.name, row.quote?.text, Boolean(row.answer)].join('|');
  }

  #quote(answered, seq, session, name) {
    if (!answered) return { name: '', text: 'An earlier message', seq, here: false };
    const text = preview(answered.text || (answered.attachments?.length ? attachment_of(answered.attachments[0]).name : 'Message'));
    return { name: answered.sender === session.me ? 'You' : name(answered.sender), text, seq, here: true };
  }

  #make(row) {
    if (row.kind === 'start') return h('li', { class: 'start quiet small' }, 'This is the beginning of the conversation.');
    if (row.kind === 'day') return h('li', { class: 'day' }, h('span', {}, row.label));
    if (row.kind === 'new') return h('li', { class: 'new' }, h('span', {}, 'New'));
    if (row.kind === 'hole') return h('li', { class: 'hole', 'data-to': row.to }, h('button', { type: 'button', class: 'inline', onclick: () => this.on.hole(row.to) }, 'Load the messages in between'));
    if (row.kind === 'line') return h('li', { class: 'line quiet small', dir: 'auto' }, row.text);
    return message_node(row, this.on);
  }

  // ---- scrolling

  #anchor() {
    const top = this.log.getBoundingClientRect().top;
    for (const node of at('rows').children) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top && node.classList.contains('message')) return { node, top: box.top };
    }
    return undefined;
  }

  to_end() {
    this.log.scrollTop = this.log.scrollHeight;
    this.follow = true;
    this.missed = 0;
    this.#draw_to_end();
  }

  #jump(seq) {
    const row = at('rows').querySelector(`[data-seq="${Number(seq)}"]`);
    if (!row) return;
    row.scrollIntoView({ block: 'center' });
    row.classList.remove('pointed');
    void row.offsetWidth;   // or the mark would not be shown a second time
    row.classList.add('pointed');
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    const was = this.follow;
    this.follow = scrollHeight - scrollTop - clientHeight < near_end_px;
    if (this.follow) { this.missed = 0; if (!was && document.hasFocus()) this.on.seen(); }
    this.#draw_to_end();
    if (scrollTop < near_top_px) this.on.older();
    for (const hole of at('rows').querySelectorAll('.hole')) {
      const box = hole.getBoundingClientRect();
      if (box.bottom > 0 && box.top < window.innerHeight) this.on.hole(Number(hole.dataset.to));
    }
  }

  #draw_to_end() {
    at('to-end').hidden = this.follow || !this.key;
    set_text(at('to-end-text'), this.missed ? `${this.missed} new` : 'Newest');
  }

  /** A page that does not fill the window leaves nothing to scroll: the next is read at once. */
  #want_more(thread) {
    if (!thread.loading && !thread.problem && typeof thread.top === 'number' && this.log.scrollTop < near_top_px) this.on.older();
  }
}
