// The left side: who I am, who is here, the conversations.
import { at, avatar_into, h, reconcile, set_text } from './dom.js';
import { choices } from './presence.js';
import { count_label, initials, preview, short_when, tint } from './format.js';
import { typing_line } from './typing.js';
import { name_of, ordered, title_of, total_unread, unread_of } from './inbox.js';

const status_words = { online: 'Connected', connecting: 'Connecting…', waiting: 'Reconnecting…', refused: 'Not let in', closed: 'Closed by the server' };

const avatar = (name, group) => {
  const node = h('span', { 'aria-hidden': 'true' });
  avatar_into(node, name, { initials, tint, group });
  return node;
};

export class ListView {
  /** `on` = {open(cid), talk(user), choose(status), more(), again()}. */
  constructor(on) {
    this.on = on;
    at('my-presence').replaceChildren(...choices.map(([value, label]) => h('option', { value }, label)));
    at('my-presence').addEventListener('change', () => on.choose(at('my-presence').value));
    at('list-more').addEventListener('click', () => on.more());
    at('talk-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const name = at('talk-to').value.trim();
      if (!name) return;
      at('talk-to').value = '';
      on.talk(name);
    });
  }

  draw(session, status) {
    const { inbox } = session;
    const mine = name_of(inbox, session.me);
    avatar_into(at('my-avatar'), mine, { initials, tint });
    set_text(at('my-name'), mine);
    set_text(at('my-status'), status === 'online' ? '' : status_words[status] ?? '');
    at('my-presence').hidden = status !== 'online' || !session.features.has('presence');
    at('my-presence').value = session.chosen;
    at('sidebar').dataset.presence = session.chosen;
    at('sidebar').dataset.status = status;
    this.#draw_here(session, status);
    this.#draw_list(session);
    const unread = total_unread(inbox);
    document.title = unread ? `(${count_label(unread)}) Kith` : 'Kith';
  }

  #draw_here(session, status) {
    const { inbox } = session;
    const others = [...inbox.here].filter((user) => user !== session.me).sort((a, b) => a.localeCompare(b));
    set_text(at('here-count'), others.length ? String(others.length) : '');
    at('here-empty').hidden = others.length > 0 || status !== 'online';
    const items = others.map((user) => ({ user, name: name_of(inbox, user), current: session.peer === user }));
    reconcile(at('here'), items, {
      key: ({ user }) => user,
      same: (a, b) => a.name === b.name && a.current === b.current,
      make: ({ user, name, current }) => h('li', {}, h('button', { type: 'button', class: 'person', 'data-user': user, 'aria-current': current && 'true', 'aria-label': `Talk to ${name}`, onclick: () => this.on.talk(user) },
        avatar(name), h('span', { class: 'person-name' }, name))),
    });
  }

  #draw_list(session) {
    const { inbox, list } = session;
    const now = Date.now();
    const items = ordered(inbox).map((kept) => this.#item(session, kept, now));
    reconcile(at('list'), items, {
      key: ({ cid }) => cid,
      same: (a, b) => a.title === b.title && a.line === b.line && a.when === b.when && a.unread === b.unread && a.current === b.current && a.status === b.status && a.typing === b.typing,
      make: (item) => this.#make(item),
    });
    const note = at('list-note');
    note.hidden = items.length > 0 && list.state !== 'error';
    note.classList.toggle('loading', list.state === 'loading');
    if (list.state === 'error') note.replaceChildren(`Could not load: ${list.problem} `, h('button', { type: 'button', class: 'inline', onclick: () => this.on.again() }, 'Try again'));
    else set_text(note, list.state === 'loading' ? 'Loading…' : 'None yet. Say hello to someone.');
    at('list-more').hidden = !list.next;
  }

  #item(session, kept, now) {
    const { inbox } = session;
    const { last } = kept;
    const typing = typing_line(session.typing_names(kept.cid));
    const who = !last ? '' : last.sender === session.me ? 'You: ' : kept.kind === 'direct' ? '' : `${name_of(inbox, last.sender)}: `;
    return {
      cid: kept.cid, group: kept.kind !== 'direct', title: title_of(inbox, kept), unread: unread_of(kept),
      line: typing || (last ? preview(who + (last.text || 'Attachment')) : kept.kind === 'direct' ? '' : 'New group'),
      typing: Boolean(typing),
      when: kept.activity ? short_when(kept.activity, now) : '',
      current: session.open === kept.cid,
      status: kept.kind === 'direct' ? session.presence.status(kept.peer) ?? '' : '',
    };
  }

  #make({ cid, group, title, line, when, unread, current, status, typing }) {
    const round = avatar(title, group);
    if (status && status !== 'offline') round.dataset.status = status;
    return h('li', {}, h('button', { type: 'button', class: `entry${unread ? ' unread' : ''}`, 'data-cid': cid, 'aria-current': current && 'true', onclick: () => this.on.open(cid) },
      round,
      h('span', { class: 'entry-text' },
        h('span', { class: 'entry-top' }, h('span', { class: 'entry-title' }, title), h('time', { class: 'entry-when' }, when)),
        h('span', { class: 'entry-bottom' }, h('span', { class: typing ? 'entry-line is-typing' : 'entry-line' }, line, status && status !== 'offline' && h('span', { class: 'hidden' }, ` (${status})`)),
          unread > 0 && h('span', { class: 'badge' }, count_label(unread), h('span', { class: 'hidden' }, unread === 1 ? ' unread message' : ' unread messages'))))));
  }
}
