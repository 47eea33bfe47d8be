// Sequelize over SQLite or PostgreSQL. Messages are written behind: what came while one multi-row INSERT ran makes up the next.
import { join } from 'node:path';

const behind_max = 20_000;        // messages acknowledged and not yet handed to the database: beyond, acks wait until all are
const rows_max = 4_000;           // of one INSERT: SQLite's limit of bound values is far away
const retry_ms = 200;
const known_max = 200_000;        // conversations that need no INSERT OR IGNORE any more
const plain = { validate: false, hooks: false, returning: false, logging: false };

/** No database: everything is saved as soon as it is said. */
class Nothing {
  queued = 0;
  save(_entry, saved) { saved?.(); }
  add_group() {}
  async group_members() { return undefined; }
  async groups_of() { return []; }
  async pending_of() { return []; }
  async page() { return []; }
  async close() {}
}

export async function open_store({ store, data, database }) {
  if (store === 'none') return new Nothing();
  const { Sequelize, DataTypes, Op } = await import('sequelize');
  const sqlite = store === 'sqlite';
  const sequelize = sqlite
    ? new Sequelize({ dialect: 'sqlite', storage: join(data, 'chat.db'), logging: false, pool: { max: 1 } })
    : new Sequelize(database, { logging: false, pool: { max: 4, min: 1, idle: 60_000 } });
  const tables = define(sequelize, DataTypes, sqlite);
  if (sqlite) for (const pragma of ['journal_mode=WAL', 'synchronous=NORMAL', 'busy_timeout=5000']) await sequelize.query(`PRAGMA ${pragma}`);
  await sequelize.sync();
  return new Store(sequelize, tables, Op);
}

function define(sequelize, DataTypes, sqlite) {
  const common = { timestamps: false, freezeTableName: true };
  const cid = DataTypes.STRING(130);
  const user = DataTypes.STRING(64);
  // SQLite has a rowid for exactly this type, and no other.
  const serial = { type: sqlite ? DataTypes.INTEGER : DataTypes.BIGINT, primaryKey: true, autoIncrement: true };
  return {
    direct: sequelize.define('direct', { cid: { type: cid, primaryKey: true }, first: user, second: user }, common),
    group: sequelize.define('group', { cid: { type: cid, primaryKey: true }, title: DataTypes.STRING }, common),
    member: sequelize.define('member', { cid: { type: cid, primaryKey: true }, user: { type: user, primaryKey: true } }, { ...common, indexes: [{ fields: ['user'] }] }),
    message: sequelize.define('message', {
      no: serial, id: DataTypes.STRING(64), cid, sender: user, text: DataTypes.TEXT, ts: DataTypes.BIGINT,
    }, { ...common, indexes: [{ fields: ['cid', 'no'] }] }),
    pending: sequelize.define('pending', { no: serial, user, payload: DataTypes.TEXT }, { ...common, indexes: [{ fields: ['user', 'no'] }] }),
  };
}

class Store {
  #known = new Set();
  #queue = [];
  #writing = false;
  #joining = [];
  #idle = [];

  constructor(sequelize, tables, Op) { Object.assign(this, { sequelize, tables, Op }); }

  get queued() { return this.#queue.length; }

  /** Too much waits to be written. Until all of it is: what comes meanwhile must not overtake it. */
  behind = false;

  /** `entry`: {message?, pair?, pending?}; `saved` is called after the INSERT's commit. */
  save(entry, saved) {
    entry.saved = saved;
    this.#queue.push(entry);
    if (this.#queue.length >= behind_max) this.behind = true;
    this.#wake();
  }

  add_group(cid, title, users) {
    this.#joining.push({ cid, title, users });
    this.#wake();
  }

  async group_members(cid) {
    const rows = await this.tables.member.findAll({ where: { cid }, raw: true });
    return rows.length ? rows.map(({ user }) => user) : undefined;
  }

  async groups_of(user) {
    return (await this.tables.member.findAll({ where: { user }, attributes: ['cid'], raw: true })).map(({ cid }) => cid);
  }

  /** What waited for `user`; it is forgotten then. */
  async pending_of(user) {
    const { pending } = this.tables;
    const rows = await pending.findAll({ where: { user }, order: [['no', 'ASC']], raw: true });
    if (rows.length) await pending.destroy({ where: { user, no: { [this.Op.lte]: rows.at(-1).no } } });
    return rows.map(({ payload }) => JSON.parse(payload));
  }

  /** The newest messages, those before `before`, or the first ones after `after`; ascending. */
  async page(cid, { before, after }, limit) {
    const where = { cid, ...(before ? { no: { [this.Op.lt]: before } } : after !== undefined ? { no: { [this.Op.gt]: after } } : {}) };
    const rows = await this.tables.message.findAll({ where, order: [['no', after !== undefined ? 'ASC' : 'DESC']], limit, raw: true });
    return after !== undefined ? rows : rows.reverse();
  }

  async close() {
    if (this.#writing) await new Promise((done) => this.#idle.push(done));
    await this.sequelize.close();
  }

  #wake() {
    if (this.#writing) return;
    this.#writing = true;
    setImmediate(() => this.#write());
  }

  async #write() {
    while (this.#queue.length || this.#joining.length) {
      const groups = this.#joining.splice(0);
      const batch = this.#queue.splice(0, rows_max);
      while (!await this.#written(groups, batch)) await new Promise((again) => setTimeout(again, retry_ms));
      for (const entry of batch) entry.saved?.();
    }
    this.#writing = false;
    this.behind = false;
    for (const done of this.#idle.splice(0)) done();
  }

  async #written(groups, batch) {
    try {
      if (groups.length) await this.#insert_groups(groups);
      if (batch.length) await this.#insert(batch);
      return true;
    } catch (error) {
      console.error('insert:', error.message);
      return false;
    }
  }

  async #insert_groups(groups) {
    const { group, member } = this.tables;
    await group.bulkCreate(groups.map(({ cid, title }) => ({ cid, title })), { ...plain, ignoreDuplicates: true });
    const members = groups.flatMap(({ cid, users }) => users.map((user) => ({ cid, user })));
    for (let at = 0; at < members.length; at += rows_max) await member.bulkCreate(members.slice(at, at + rows_max), { ...plain, ignoreDuplicates: true });
  }

  async #insert(batch) {
    const messages = [];
    const pending = [];
    const pairs = new Map();
    for (const entry of batch) {
      if (entry.message) messages.push(entry.message);
      if (entry.pending) pending.push(...entry.pending);
      if (entry.pair && !this.#known.has(entry.message.cid)) pairs.set(entry.message.cid, entry.pair);
    }
    await this.#insert_pairs(pairs);
    if (!pending.length) return void await this.tables.message.bulkCreate(messages, plain);
    await this.sequelize.transaction(async (transaction) => {
      if (messages.length) await this.tables.message.bulkCreate(messages, { ...plain, transaction });
      await this.tables.pending.bulkCreate(pending, { ...plain, transaction });
    });
  }

  async #insert_pairs(pairs) {
    if (!pairs.size) return;
    const rows = [...pairs].map(([cid, [first, second]]) => ({ cid, first, second }));
    await this.tables.direct.bulkCreate(rows, { ...plain, ignoreDuplicates: true });
    if (this.#known.size > known_max) this.#known.clear();
    for (const cid of pairs.keys()) this.#known.add(cid);
  }
}
