// The right side: one conversation, from its oldest read message to what is being written.
import { at, avatar_into, h, picture, reconcile, set_text } from './dom.js';
import { initials, time_of, tint } from './format.js';
import { name_of, title_of } from './inbox.js';
import { presence_line } from './presence.js';
import { rows_of } from './rows.js';
import { typing_line } from './typing.js';

const near_end_px = 60;
const near_top_px = 240;
const ticks = {
  pending: ['M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z', 'Sending'],
  sent: ['M5 13l4 4L19 7', 'Sent'],
  delivered: ['M2 13l4 4L16 7M11 15.5l1.5 1.5L22.5 7', 'Delivered'],
  read: ['M2 13l4 4L16 7M11 15.5l1.5 1.5L22.5 7', 'Read'],
};

export class ThreadView {
  /** `on` = {send(text), wrote(text), retry(client_id), older(), hole(to), again(), back(), members(), seen()}. */
  constructor(on) {
    this.on = on;
    this.log = at('log');
    this.follow = true;      // at the end, so it stays at the end
    this.missed = 0;
    this.drafts = new Map();
    this.log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    at('to-end').addEventListener('click', () => { this.#to_end(); this.on.seen(); at('text').focus(); });
    at('back').addEventListener('click', () => on.back());
    at('members').addEventListener('click', () => on.members());
    at('compose').addEventListener('submit', (event) => { event.preventDefault(); this.#send(); });
    at('text').addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#send(); }
    });
    at('text').addEventListener('input', () => { this.#fit(); this.on.wrote(at('text').value); });
    new ResizeObserver(() => { if (this.follow) this.#to_end(); }).observe(this.log);
  }

  #send() {
    const text = at('text').value.replace(/\s+$/u, '');
    if (!text) return;
    at('text').value = '';
    this.#fit();
    this.follow = true;
    this.on.send(text);
  }

  #fit() {
    const box = at('text');
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
  }

  focus() { at('text').focus({ preventScroll: true }); }

  draw(session, status) {
    const key = session.open;
    const kept = session.conversation(key);
    const empty = !key;
    for (const id of ['thread-head', 'log', 'compose']) at(id).hidden = empty;
    at('thread-empty').hidden = !empty;
    if (empty) { at('to-end').hidden = true; this.key = undefined; return; }
    this.#turn_to(key, session);
    this.#draw_head(session, kept, status === 'online');
    this.#draw_rows(session, kept);
  }

  /** Another conversation than before: its draft, its end. What becomes of `to:USER` keeps its draft. */
  #turn_to(key, session) {
    if (this.key === key) return;
    const became = this.key?.startsWith('to:') && session.conversation(key)?.peer === this.key.slice(3);
    if (!became) {
      if (this.key) this.drafts.set(this.key, at('text').value);
      at('text').value = this.drafts.get(key) ?? '';
      this.#fit();
      this.follow = true;
      this.missed = 0;
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
    const state = group ? undefined : session.presence.get(peer);
    const people = `${kept?.members ?? ''} members`;
    set_text(at('thread-sub'), typing || (group ? people : !online ? '' : state ? presence_line(state, Date.now()) : inbox.here.has(peer) ? 'Here now' : ''));
    at('thread-sub').dataset.status = !online || typing ? '' : state?.status ?? '';
    at('thread-sub').classList.toggle('is-typing', Boolean(typing));
    avatar_into(at('thread-avatar'), title, { initials, tint, group });
    at('members').hidden = !group;
    at('text').placeholder = `Message ${title}`;
  }

  #draw_rows(session, kept) {
    const thread = session.thread(this.key);
    const group = kept ? kept.kind !== 'direct' : false;
    const marks = group ? undefined : session.marks.get(this.key)?.get(session.peer);
    const rows = rows_of(thread, { me: session.me, now: Date.now(), group, marks, new_after: session.new_after });
    for (const row of rows) this.#describe(row, session);
    const anchor = this.follow ? undefined : this.#anchor();
    const newest = rows[rows.length - 1]?.key;
    reconcile(at('rows'), rows, { key: (row) => row.key, same: (a, b) => a.looks === b.looks, make: (row) => this.#make(row) });
    if (this.follow) this.#to_end();
    else if (anchor) this.log.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
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
    if (thread.problem) note.replaceChildren(`Could not load: ${thread.problem} `, h('button', { type: 'button', class: 'inline', onclick: () => this.on.again() }, 'Try again'));
    else set_text(note, thread.loading ? 'Loading…' : 'No messages yet. Say hello.');
  }

  /** Everything a row shows, in one string: a row is drawn again only when it changed. */
  #describe(row, session) {
    const { item } = row;
    if (item) row.name = name_of(session.inbox, item.sender ?? item.user);
    if (row.kind === 'line') row.actor = item.actor && item.actor !== item.user ? name_of(session.inbox, item.actor) : undefined;
    row.looks = [row.kind, row.label, row.first, row.last, row.named && row.name, row.tick, item?.ts, item?.problem, row.kind === 'line' && row.name].join('|');
  }

  #make(row) {
    if (row.kind === 'start') return h('li', { class: 'start quiet small' }, 'This is the beginning.');
    if (row.kind === 'day') return h('li', { class: 'day' }, h('span', {}, row.label));
    if (row.kind === 'new') return h('li', { class: 'new' }, h('span', {}, 'New'));
    if (row.kind === 'hole') return h('li', { class: 'hole', 'data-to': row.to }, h('button', { type: 'button', class: 'inline', onclick: () => this.on.hole(row.to) }, 'Load the messages in between'));
    if (row.kind === 'line') return h('li', { class: 'line quiet small' }, this.#line_text(row));
    return this.#make_message(row);
  }

  #line_text({ item: { what }, name, actor }) {
    if (what === 'added') return actor ? `${actor} added ${name}` : `${name} joined`;
    if (what === 'removed') return actor ? `${actor} removed ${name}` : `${name} left`;
    return `${name} has a new role`;
  }

  #make_message({ item, mine, first, last, named, name, tick }) {
    const failed = tick === 'failed';
    const bubble = h('div', { class: 'bubble' },
      named && h('span', { class: `sender tint-${tint(name)}` }, name),
      h('span', { class: 'hidden' }, mine ? 'You: ' : named ? '' : `${name}: `),
      h('span', { class: 'text' }, item.text),
      h('span', { class: 'meta' }, h('time', { datetime: item.ts }, time_of(item.ts)), mine && !failed && this.#tick(tick)));
    const row = h('li', { class: ['message', mine && 'mine', first && 'first', last && 'last', failed && 'failed'].filter(Boolean).join(' '), 'data-id': item.id, 'data-client-id': item.client_id, 'data-state': tick }, bubble);
    if (failed) {
      row.append(h('div', { class: 'failure small', role: 'alert' }, `Not sent${item.problem ? `: ${item.problem}` : '.'} `,
        h('button', { type: 'button', class: 'inline', onclick: () => this.on.retry(item.client_id) }, 'Retry')));
    }
    return row;
  }

  #tick(tick) {
    const [path, label] = ticks[tick];
    const node = picture(path, label);
    node.setAttribute('class', `tick ${tick}`);
    return node;
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

  #to_end() {
    this.log.scrollTop = this.log.scrollHeight;
    this.follow = true;
    this.missed = 0;
    this.#draw_to_end();
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
    at('to-end').hidden = this.follow;
    set_text(at('to-end-text'), this.missed ? `${this.missed} new` : 'Newest');
  }

  /** A page that does not fill the window leaves nothing to scroll: the next is read at once. */
  #want_more(thread) {
    if (!thread.loading && !thread.problem && typeof thread.top === 'number' && this.log.scrollTop < near_top_px) this.on.older();
  }
}
