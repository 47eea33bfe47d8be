// Making a group, and who is in one. <dialog> brings focus, Escape and the rest of the page out of reach.
import { at, avatar_into, h, set_text } from './dom.js';
import { initials, refusal, tint } from './format.js';
import { name_of } from './inbox.js';

const split_names = (text) => text.split(',').map((name) => name.trim()).filter(Boolean);

function show_problem(id, problem) {
  at(id).hidden = !problem;
  set_text(at(id), problem ?? '');
}

function avatar(name) {
  const node = h('span', { 'aria-hidden': 'true' });
  avatar_into(node, name, { initials, tint });
  return node;
}

/** People one may want in a group: who is here, and whom one talks to. */
function candidates(session) {
  const users = new Set(session.inbox.here);
  for (const kept of session.inbox.conversations.values()) if (kept.peer) users.add(kept.peer);
  users.delete(session.me);
  return [...users].sort((a, b) => a.localeCompare(b));
}

export class Dialogs {
  /** `session()` the present one · `made(cid)` after a group was made · `left(cid)`. */
  constructor(session, { made, left }) {
    Object.assign(this, { session, made, left });
    for (const button of document.querySelectorAll('[data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
    at('new-group').addEventListener('click', () => this.#open_group());
    at('group-form').addEventListener('submit', (event) => { event.preventDefault(); this.#make_group(); });
    at('member-form').addEventListener('submit', (event) => { event.preventDefault(); this.#add_member(); });
    at('group-leave').addEventListener('click', () => this.#leave());
  }

  #open_group() {
    const session = this.session();
    at('group-form').reset();
    show_problem('group-error');
    at('group-people').replaceChildren(...candidates(session).map((user) => {
      const name = name_of(session.inbox, user);
      return h('li', {}, h('label', {}, h('input', { type: 'checkbox', name: 'member', value: user }), avatar(name), h('span', {}, name)));
    }));
    at('group-dialog').showModal();
    at('group-name').focus();
  }

  async #make_group() {
    const title = at('group-name').value.trim();
    if (!title) { show_problem('group-error', 'A group needs a name.'); at('group-name').focus(); return; }
    const ticked = [...at('group-people').querySelectorAll('input:checked')].map((box) => box.value);
    const members = [...new Set([...ticked, ...split_names(at('group-others').value)])];
    const session = this.session();
    at('group-make').disabled = true;
    try {
      const shown = await session.ask('conversation.create', { kind: 'group', title, members });
      session.keep(shown);
      at('group-dialog').close();
      this.made(shown.cid);
    } catch (error) {
      show_problem('group-error', refusal(error));
    } finally {
      at('group-make').disabled = false;
    }
  }

  async open_members() {
    const session = this.session();
    this.cid = session.open;
    at('member-form').reset();
    show_problem('members-error');
    at('members-list').replaceChildren();
    at('members-dialog').showModal();
    await this.#load_members();
  }

  /** Drawn again when members change while it is open. */
  changed(what) { if (at('members-dialog').open && what.startsWith('member.')) this.#load_members(); }

  async #load_members() {
    const session = this.session();
    const { cid } = this;
    const note = at('members-note');
    note.hidden = at('members-list').children.length > 0;
    set_text(note, 'Loading…');
    try {
      const { members } = await session.ask('member.list', { cid });
      if (cid !== this.cid) return;
      note.hidden = true;
      this.#draw_members(session, members);
    } catch (error) {
      note.hidden = true;
      show_problem('members-error', refusal(error));
    }
  }

  #draw_members(session, members) {
    const mine = members.find(({ user }) => user === session.me)?.role;
    const may = mine === 'owner' || mine === 'admin';
    at('member-form').hidden = !may;
    at('members-list').replaceChildren(...members.map(({ user, role }) => {
      const name = name_of(session.inbox, user);
      return h('li', { 'data-user': user }, avatar(name), h('span', { class: 'grow' }, name, user === session.me && h('span', { class: 'quiet' }, ' (you)')),
        role !== 'member' && h('span', { class: 'role small' }, role),
        may && user !== session.me && role !== 'owner' && h('button', { type: 'button', class: 'plain-text danger small', 'aria-label': `Remove ${name}`, onclick: () => this.#command('member.remove', { user }) }, 'Remove'));
    }));
  }

  async #command(event, body) {
    show_problem('members-error');
    try {
      await this.session().ask(event, { cid: this.cid, ...body });
      await this.#load_members();
      return true;
    } catch (error) {
      show_problem('members-error', refusal(error));
      return false;
    }
  }

  async #add_member() {
    const users = split_names(at('member-name').value);
    if (users.length && await this.#command('member.add', { users })) at('member-name').value = '';
  }

  async #leave() {
    const session = this.session();
    show_problem('members-error');
    try {
      await session.ask('member.remove', { cid: this.cid, user: session.me });
      at('members-dialog').close();
      this.left(this.cid);
    } catch (error) {
      show_problem('members-error', refusal(error));
    }
  }
}
