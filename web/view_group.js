// A group: what it is called, who is in it with which role, and what one's own role may change there.
import { confirmed, show_problem, split_names } from './dialogs.js';
import { at, avatar_into, avatar_of, h, reconcile, set_text } from './dom.js';
import { refusal } from './format.js';
import { name_of, title_of } from './inbox.js';
import { by_rank, may_add, may_remove, may_rename, role_words, roles_to_give } from './roles.js';

export class GroupView {
  /** `session()` the present one. */
  constructor(session) {
    this.session = session;
    at('rename').addEventListener('click', () => this.#ask_title(at('rename-form').hidden));
    at('rename-form').addEventListener('submit', (event) => { event.preventDefault(); this.#rename(); });
    at('rename-form').addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); this.#ask_title(false); at('rename').focus(); }
    });
    at('member-form').addEventListener('submit', (event) => { event.preventDefault(); this.#add(); });
    at('group-leave').addEventListener('click', () => this.#leave());
  }

  open() {
    const session = this.session();
    this.cid = session.open;
    at('member-form').reset();
    this.#ask_title(false);
    show_problem('members-error');
    this.draw();
    at('members-dialog').showModal();
    session.groups.load(this.cid);
  }

  /** Drawn again whenever something changed while it is open. */
  draw() {
    const session = this.session();
    const kept = session?.conversation(this.cid);
    if (!kept) { if (at('members-dialog').open) at('members-dialog').close(); return; }
    const roster = session.groups.roster(this.cid);
    const title = title_of(session.inbox, kept);
    set_text(at('members-title'), title);
    avatar_into(at('members-avatar'), title, true);
    const count = kept.members ?? roster?.users.size ?? 0;
    set_text(at('members-count'), count === 1 ? '1 member' : `${count} members`);
    at('rename').hidden = !may_rename(kept.role);
    at('member-form').hidden = !may_add(kept.role);
    this.#draw_note(roster);
    this.#draw_members(session, kept.role, roster);
  }

  #draw_note(roster) {
    const text = roster?.problem ? `Could not load the members: ${roster.problem}` : roster?.more ? 'These are not all.' : roster?.known ? '' : 'Loading…';
    at('members-note').hidden = !text;
    set_text(at('members-note'), text);
  }

  #draw_members(session, mine, roster) {
    const name = (user) => name_of(session.inbox, user);
    const items = by_rank(roster?.users.values() ?? [], name).map(({ user, role }) => ({
      user, role, mine, me: user === session.me, name: name(user), status: session.people.presence.status(user) ?? '',
    }));
    const looks = (item) => Object.values(item).join('|');
    const focused = [...at('members-list').children].findIndex((row) => row.contains(document.activeElement));
    reconcile(at('members-list'), items, { key: ({ user }) => user, same: (a, b) => looks(a) === looks(b), make: (item) => this.#make(item) });
    if (focused >= 0 && !at('members-list').contains(document.activeElement)) this.#focus_from(focused);
  }

  /** Where the focus was is gone with its row: it goes to the next one. */
  #focus_from(place) {
    const buttons = [...at('members-list').children].slice(place).map((row) => row.querySelector('[data-focus="remove"]'));
    (buttons.find(Boolean) ?? (at('member-form').hidden ? at('group-leave') : at('member-name'))).focus();
  }

  #make({ user, role, mine, me, name, status }) {
    const choices = me ? [] : roles_to_give(mine, role);
    return h('li', { 'data-user': user }, avatar_of(name, { status }),
      h('span', { class: 'grow clip' }, h('bdi', {}, name), me && h('span', { class: 'quiet' }, ' (you)')),
      choices.length ? this.#role_choice(user, name, role, choices) : h('span', { class: 'role small' }, role_words[role] ?? role),
      !me && may_remove(mine, role) && h('button', { type: 'button', class: 'plain small-round danger', 'data-focus': 'remove', 'aria-label': `Remove ${name}`, title: `Remove ${name}`, onclick: () => this.#try(() => this.session().groups.remove(this.cid, user)) },
        h('span', { 'aria-hidden': 'true', class: 'cross' }, '×')));
  }

  #role_choice(user, name, role, choices) {
    const select = h('select', { class: 'plain-choice small', 'data-focus': 'role', 'aria-label': `Role of ${name}` },
      ...choices.map((one) => h('option', { value: one, selected: one === role }, one === 'owner' ? 'Owner…' : role_words[one])));
    select.addEventListener('change', () => this.#give_role(user, name, select, role));
    return select;
  }

  async #give_role(user, name, select, before) {
    const role = select.value;
    const sure = role !== 'owner' || await confirmed({ title: `Make ${name} the owner?`, text: 'You hand the group over and stay in it as an admin.', yes: 'Hand over' });
    if (!sure || !await this.#try(() => this.session().groups.give_role(this.cid, user, role))) select.value = before;
  }

  async #add() {
    const users = split_names(at('member-name').value);
    if (!users.length) return;
    let added;
    if (!await this.#try(async () => { added = await this.session().groups.add(this.cid, users); })) return;
    at('member-name').value = '';
    if (added === 0) show_problem('members-error', users.length === 1 ? `${users[0]} is in the group already.` : 'They are in the group already.');
  }

  #ask_title(asked) {
    at('rename-form').hidden = !asked;
    at('rename').setAttribute('aria-expanded', String(asked));
    if (!asked) return;
    at('new-title').value = this.session().conversation(this.cid)?.title ?? '';
    at('new-title').focus();
    at('new-title').select();
  }

  async #rename() {
    const title = at('new-title').value.trim();
    if (!title) { show_problem('members-error', 'A group needs a name.'); return; }
    if (!await this.#try(() => this.session().groups.rename(this.cid, title))) return;
    this.#ask_title(false);
    at('rename').focus();
  }

  async #leave() {
    const session = this.session();
    const { role, title, members } = session.conversation(this.cid);
    const heir = role === 'owner' && members > 1 ? 'The oldest admin, or else the oldest member, becomes its owner. ' : '';
    if (!await confirmed({ title: `Leave ${title || 'the group'}?`, text: `${heir}You no longer get its messages, and come back only when somebody adds you.`, yes: 'Leave group', bad: true })) return;
    if (await this.#try(() => session.groups.leave(this.cid))) at('members-dialog').close();
  }

  async #try(command) {
    show_problem('members-error');
    try {
      await command();
      return true;
    } catch (error) {
      show_problem('members-error', refusal(error));
      return false;
    }
  }
}
