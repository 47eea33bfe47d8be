// Groups: who is in them, and what one may do there.
import { refusal } from './format.js';

const page_members = 250;
const pages_max = 4;   // more members than that are not listed

export class Groups {
  constructor(session) {
    this.session = session;
    this.leaving = new Set();      // cids whose end is no surprise
    this.clear();
  }

  clear() { this.rosters = new Map(); }     // cid → {loading, known, problem?, more, users: Map(user → {user, role})}
  forget(cid) { this.rosters.delete(cid); }
  roster(cid) { return this.rosters.get(cid); }

  /** Everybody but oneself, if all are known. */
  others(cid) {
    const roster = this.rosters.get(cid);
    if (!roster?.known || roster.more) return undefined;
    return [...roster.users.keys()].filter((user) => user !== this.session.me);
  }

  /** Reads who is in a conversation and how far each has read. */
  async load(cid) {
    const { session } = this;
    if (!session.conversation(cid)) return;
    if (!this.rosters.has(cid)) this.rosters.set(cid, { known: false, more: false, users: new Map() });
    const roster = this.rosters.get(cid);
    if (roster.loading) return;
    Object.assign(roster, { loading: true, problem: undefined });
    try {
      await this.#read_pages(cid, roster);
    } catch (error) {
      if (error.code !== 'offline') roster.problem = refusal(error);
    }
    roster.loading = false;
    if (this.rosters.get(cid) !== roster) return;
    session.changed('members');
    const users = [...roster.users.keys()];
    session.people.watch(users);
    session.people.find_names(users.filter((user) => !session.inbox.names.has(user)));
  }

  async #read_pages(cid, roster) {
    const users = new Map();
    let next;
    for (let page = 0; page < pages_max && (page === 0 || next !== undefined); page += 1) {
      const said = await this.session.ask('member.list', { cid, limit: page_members, ...(next === undefined ? {} : { next }) });
      for (const member of said.members) {
        users.set(member.user, { user: member.user, role: member.role });
        this.session.reading.mark(cid, member.user, member);
      }
      next = said.next;
    }
    Object.assign(roster, { users, known: true, more: next !== undefined });
    const mine = users.get(this.session.me)?.role;
    const kept = this.session.conversation(cid);
    if (kept && mine) kept.role = mine;
  }

  /** A live event of members. */
  note(what, { cid, user, role, seq }) {
    const roster = this.rosters.get(cid);
    if (!roster) return;
    if (what === 'removed') roster.users.delete(user);
    else roster.users.set(user, { user, role: role ?? roster.users.get(user)?.role ?? 'member' });
    if (what === 'added') { this.session.reading.mark(cid, user, { read_seq: seq }); this.session.people.watch([user], true); }
  }

  // ---- what the user wants; rejected with the server's refusal

  async create(title, members) {
    const shown = await this.session.ask('conversation.create', { kind: 'group', title, members, client_id: this.session.new_client_id() });
    this.session.keep(shown);
    return shown.cid;
  }

  async rename(cid, title) {
    await this.session.ask('conversation.update', { cid, title: title || null });
    this.session.updated({ cid, title });
    this.session.changed('conversation.updated');
  }

  /** Gives how many were not in it before. */
  async add(cid, users) {
    const { added } = await this.session.ask('member.add', { cid, users });
    await this.load(cid);
    return Array.isArray(added) ? added.length : added;
  }

  async remove(cid, user) {
    await this.session.ask('member.remove', { cid, user });
    await this.load(cid);
  }

  async give_role(cid, user, role) {
    await this.session.ask('member.update', { cid, user, role });
    await this.load(cid);
  }

  async leave(cid) {
    this.leaving.add(cid);
    try {
      await this.session.ask('conversation.leave', { cid });
    } catch (error) {
      this.leaving.delete(cid);
      throw error;
    }
    this.session.removed(cid);
    this.session.changed('conversation.removed');
  }
}
