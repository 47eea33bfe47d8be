// Scenes of docs/examples.md: read, and played by stock clients. A scene is a fenced block of the kind `chat`; a comment before it may
// say what has to be there (`<!-- example: {…} -->`).
//
//   ann connects {"device": "phone"}     with the rest of her auth; who is first heard of otherwise is connected when the scene begins
//   ann > message.send {…}               she emits, with an acknowledgement
//   ann < {"ok": true, "data": {…}}      what it brings
//   bob < message.new {…}                the next event of that name which he has not been shown with yet
//   ann ! {…}                            she is refused: connect_error
//   ann goes                             closes her connection
//   the server ends                      it is told to (SIGTERM)
//   the application > POST /v1/… as ann {…}   a request of its backend, in ann's name
//   the application < {…}                what it is answered
//
// `ann2` is another device of ann. A text that ends in `…`, or is an id, stands for one id, the same wherever it is written; a time stands
// for any. `"…"` as the last member or item: there may be more, in any order.
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const id = /^(c_)?[\w-]{22}$/;
const kinds = [[/^c_/, /^c_[\w-]{22}$/], [/^eyJ/, /^[\w-]+\.[\w-]+\.[\w-]+$/], [/./, /^[\w.:+/=-]{1,200}$/]];

const asked = /^the application (?:> ([A-Z]+) (\/\S+)(?: as (\w+))?(?: (\{.*))?|< (\{.*))$/s;
const step = /^(?:(the server) ends|(\w+) (?:(connects)(?: (\{.*))?|(goes)|(>|<) ([a-z]+(?:\.[a-z_]+)*)(?: (\{.*))?|(<|!) (\{.*)))$/s;

function parse_step(text) {
  const body = (said) => (said === undefined ? undefined : JSON.parse(said));
  const request = asked.exec(text);
  if (request?.[5]) return { does: 'told', body: body(request[5]) };
  if (request) return { does: 'request', method: request[1], path: request[2], behalf: request[3], body: body(request[4]) };
  const m = step.exec(text);
  assert.ok(m, `this is no line of a scene: ${text}`);
  if (m[1]) return { does: 'end' };
  const who = m[2];
  if (m[3]) return { who, does: 'connect', body: body(m[4]) ?? {} };
  if (m[5]) return { who, does: 'go' };
  if (m[6]) return { who, does: m[6] === '>' ? 'emit' : 'hear', event: m[7], body: body(m[8]) ?? {} };
  return { who, does: m[9] === '<' ? 'answered' : 'refused', body: body(m[10]) };
}

/** All scenes of a page: {title, options, steps}. A line that begins with spaces goes on with the one before it. */
export function scenes_of(page) {
  const scenes = [];
  let title = '';
  let options;
  let lines;
  for (const line of page.split('\n')) {
    if (lines && line === '```') { scenes.push({ title, options: options ?? {}, steps: lines.map(parse_step) }); lines = options = undefined; }
    else if (lines && /^\s/.test(line)) lines[lines.length - 1] += line;
    else if (lines) { if (line !== '') lines.push(line); }
    else if (line === '```chat') lines = [];
    else if (line.startsWith('<!-- example: ')) options = JSON.parse(line.slice('<!-- example: '.length, -' -->'.length));
    else if (/^#{2,} /.test(line)) title = line.replace(/^#+ /, '');
  }
  return scenes;
}

/** Whether `said` is of the shape that is `written`; ids are learned in `ids`. Throws what differs. */
export function compare(written, said, ids, at = '') {
  const kind = (value) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);
  assert.equal(kind(said), kind(written), `${at || 'it'}: ${JSON.stringify(said)} where ${JSON.stringify(written)} is written`);
  if (kind(written) === 'object') {
    const { '…': open, ...members } = written;
    if (open === undefined) assert.deepEqual(Object.keys(said).sort(), Object.keys(members).sort(), `members of ${at || 'it'}`);
    for (const key of Object.keys(members)) compare(written[key], said[key], ids, at ? `${at}.${key}` : key);
  } else if (kind(written) === 'array') {
    const items = written.filter((one) => one !== '…');
    if (items.length < written.length) return items.forEach((one) => compare_some(one, said, ids, at));
    assert.equal(said.length, written.length, `${at}: ${JSON.stringify(said)}`);
    items.forEach((one, i) => compare(one, said[i], ids, `${at}[${i}]`));
  } else if (kind(written) === 'string') {
    compare_text(written, said, ids, at);
  } else if (!/(^|_)ms$/.test(at.split('.').at(-1))) {
    assert.equal(said, written, at);
  }
}

/** One of the items of a list that may hold more. */
function compare_some(written, said, ids, at) {
  const fits = (one) => { const tried = new Map(ids); try { compare(written, one, tried, at); return tried; } catch { return undefined; } };
  const learned = said.map(fits).find(Boolean);
  assert.ok(learned, `${at}: ${JSON.stringify(written)} is not in ${JSON.stringify(said)}`);
  for (const [name, id] of learned) ids.set(name, id);
}

function compare_text(written, said, ids, at) {
  if (time.test(written)) return assert.match(said, time, at);
  if (written.endsWith('…') || id.test(written)) {
    assert.match(said, kinds.find(([is]) => is.test(written))[1], at);
    if (ids.has(written)) return assert.equal(said, ids.get(written), `${at}: another id than ${written} stood for`);
    assert.ok(![...ids.values()].includes(said), `${at}: ${written} is ${[...ids].find(([, id]) => id === said)?.[0]}`);
    return ids.set(written, said);
  }
  // What an error says in words may change: its code does not.
  if (at.split('.').at(-1) === 'message' && typeof said === 'string') return assert.ok(said.length > 5);
  return assert.equal(said, written, at);
}

/** Ids in what is sent stand for what was learned. */
export function filled(written, ids) {
  if (Array.isArray(written)) return written.map((one) => filled(one, ids));
  if (written !== null && typeof written === 'object') return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, filled(value, ids)]));
  if (typeof written !== 'string' || !written.endsWith('…')) return written;
  assert.ok(ids.has(written), `${written} is said before it was heard`);
  return ids.get(written);
}

export const user_of = (who) => who.replace(/\d+$/, '');

/** Those who are connected before the first step. */
export function cast_of({ steps }) {
  const first = new Map();
  for (const one of steps) if (one.who && !first.has(one.who)) first.set(one.who, one.does);
  return [...first].filter(([, does]) => does !== 'connect' && does !== 'refused').map(([who]) => who);
}

const deadline_ms = 15_000;
const again_ms = 300;

export class Scene {
  /** `join(who, auth)` makes a client of the scene, `request` asks as the application; `ids` are those known before. */
  constructor(scene, { join, request, end_server, begun = async () => {}, ids = new Map() }) {
    Object.assign(this, { scene, join, request, end_server, begun, ids, clients: new Map(), shown: new Map() });
  }

  async play() {
    for (const who of cast_of(this.scene)) await this.#enter(who, {});
    await this.begun(this.clients, this.ids);
    for (const [i, one] of this.scene.steps.entries()) {
      try { await this[`on_${one.does}`](one); } catch (error) { throw Object.assign(error, { message: `step ${i + 1}, ${one.who ?? 'the server'} ${one.does} ${one.event ?? ''}: ${error.message}` }); }
    }
  }

  async #enter(who, auth) {
    const client = await this.join(who, auth);
    this.clients.set(who, client);
    this.shown.set(who, new Set());
    await Promise.race([client.hello(), client.refused()]);
  }

  async on_connect({ who, body }) { await this.#enter(who, filled(body, this.ids)); }

  async on_emit({ who, event, body }) {
    const client = this.clients.get(who);
    const { until_refused, busy } = this.scene.options;
    const ask = async () => { client.answer = await client.ask(event, filled(body, this.ids), until_refused && busy ? again_ms : deadline_ms); };
    if (!until_refused) return ask();
    // What is answered well is asked again; so is, where the disk is held, what is not answered soon.
    await until(() => ask().then(() => !client.answer.ok, (error) => { if (!busy) throw error; }), 'a refusal');
  }

  async on_request({ method, path, behalf, body }) {
    const known = path.replace(/[^/]+…/g, (id) => filled(id, this.ids));
    this.answer = await this.request(method, known, behalf, filled(body, this.ids));
  }

  async on_told({ body }) { compare(body, this.answer, this.ids); }

  async on_answered({ who, body }) {
    compare(body, this.clients.get(who).answer, this.ids);
  }

  async on_hear({ who, event, body }) {
    const marks = this.shown.get(who);
    const client = this.clients.get(who);
    let last;
    const entry = await new Promise((resolve, reject) => {
      const fits = () => {
        for (const one of client.entries) {
          if (one.event !== event || marks.has(one)) continue;
          const ids = new Map(this.ids);
          try { compare(body, one.body, ids); } catch (error) { last = error; continue; }
          this.ids = ids;
          return resolve(one);
        }
        return false;
      };
      const look = () => { if (fits() !== false) done(); };
      const late = setTimeout(() => { done(); reject(last ?? new Error(`no ${event}; heard ${client.entries.map((one) => one.event).join(' ')}`)); }, deadline_ms);
      const done = () => { clearTimeout(late); client.waiting.delete(look); };
      client.waiting.add(look);
      look();
    });
    marks.add(entry);
  }

  async on_refused({ who, body }) {
    if (!this.clients.has(who)) await this.#enter(who, {});
    compare(body, await this.clients.get(who).refused(), this.ids);
  }

  async on_go({ who }) { this.clients.get(who).close(); }
  async on_end() { this.end_server(); }
}
