// The REST API as its OpenAPI file says it is: every operation asked of a running server, answers judged by their schemas.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { Crowd } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

let server;
let key;
let spec;
let judge;
const walked = new Set();

before(async () => {
  server = await Server.start({ env: { KITH_SERVER_REACTORS: '3' } });
  await server.run('app', 'create', 'shop');
  await server.run('app', 'key', 'add', 'shop', '--kind', 'signing');
  key = /sk_\S+/.exec(await server.run('app', 'key', 'add', 'shop', '--kind', 'server'))[0];
  spec = await (await fetch(`${server.url}/v1/openapi.json`)).json();
  const strict = structuredClone(spec);
  close(strict);
  judge = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  judge.addSchema(strict, 'spec');
});
after(() => server.stop());

// What a schema does not name may not be there: the file must be whole.
function close(node) {
  if (!node || typeof node !== 'object') return;
  if (node.type === 'object' && node.properties && node.additionalProperties === undefined) node.additionalProperties = false;
  Object.values(node).forEach(close);
}

function fits(body, ...path) {
  const pointer = path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')).join('/');
  const validate = judge.getSchema(`spec#/${pointer}`);
  assert.ok(validate, pointer);
  assert.ok(validate(body), `${pointer}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(body)}`);
}

const problem = ['components', 'schemas', 'Problem'];

async function raw(method, path, { bearer = key, behalf, body, headers = {} } = {}) {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      ...(bearer && { authorization: `Bearer ${bearer}` }), ...(behalf && { 'on-behalf-of': behalf }),
      ...(body !== undefined && { 'content-type': 'application/json' }), ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { response, text, json: text === '' ? undefined : JSON.parse(text) };
}

/** An operation by its path in the file; `path` fills it in. The answer, judged; `status` if it is to fail. */
async function ask(method, template, { path = template, status, ...how } = {}) {
  const operation = spec.paths[template]?.[method.toLowerCase()];
  assert.ok(operation, `${method} ${template} is in the file`);
  if (how.body !== undefined && status === undefined)
    fits(how.body, 'paths', template, method.toLowerCase(), 'requestBody', 'content', 'application/json', 'schema');
  const { response, json } = await raw(method, path, how);
  const [good] = Object.keys(operation.responses).filter((name) => name !== 'default');
  assert.equal(response.status, status ?? Number(good), `${method} ${path}: ${JSON.stringify(json)}`);
  if (status !== undefined) {
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    fits(json, ...problem);
    assert.equal(json.status, status);
  } else {
    walked.add(operation.operationId);
    assert.equal(response.headers.get('content-type'), 'application/json');
    fits(json, 'paths', template, method.toLowerCase(), 'responses', good, 'content', 'application/json', 'schema');
  }
  return json;
}

const one = '/v1/conversations/{cid}';

describe('the REST API', () => {
  it('is as its OpenAPI file says, operation by operation', async () => {
    await ask('GET', '/v1/openapi.json', { bearer: null });
    await ask('GET', '/v1/limits', { bearer: null });
    await ask('GET', '/v1/limits');
    const group = await ask('POST', '/v1/conversations', { behalf: 'ann', body: { kind: 'group', title: 'Crew', members: ['bob'], external_id: 'crew', custom: { a: 1 } } });
    const of = (rest, cid = group.cid) => ({ path: `/v1/conversations/${cid}${rest}`, behalf: 'ann' });
    const message = await ask('POST', `${one}/messages`, { ...of('/messages'), body: {
      type: 'note', text: 'hi', custom: { n: 1 }, mentions: ['bob'], silent: true,
      attachments: [{ url: 'https://a.example/1.png', mime: 'image/png', bytes: 3, name: 'one', width: 1, height: 1 }],
    } });
    await ask('POST', `${one}/messages`, { ...of('/messages', 'ext:crew'), body: { text: 'again', reply_to: message.seq, client_id: 'c1' } });
    const direct = await ask('POST', `${one}/messages`, { ...of('/messages', 'to:carl'), body: { text: 'just you' } });
    const page = await ask('GET', `${one}/messages`, of('/messages?limit=1'));
    assert.equal(page.messages.length, 1);
    assert.equal(page.prev, page.messages[0].seq);
    await ask('GET', `${one}/messages`, of('/messages?after=0&limit=1'));
    await ask('GET', `${one}/messages`, of('/messages?around=1'));
    await ask('GET', one, of(''));
    await ask('GET', one, of('', direct.cid));
    assert.ok((await ask('PATCH', one, { ...of(''), body: { title: 'Crew of seven', custom: { b: 2, a: null } } })).seq > 0);
    assert.deepEqual(await ask('PATCH', one, { ...of(''), body: { title: 'Crew of seven' } }), { seq: 0 });
    assert.deepEqual(await ask('POST', `${one}/members`, { ...of('/members'), body: { users: ['dora'], role: 'member' } }), { added: ['dora'] });
    await ask('PATCH', `${one}/members`, { ...of('/members'), body: { user: 'dora', role: 'moderator' } });
    assert.ok((await ask('GET', `${one}/members`, of('/members?limit=1'))).next);
    await ask('DELETE', `${one}/members`, of('/members?user=dora'));
    await ask('POST', `${one}/read`, { ...of('/read'), behalf: 'bob', body: { seq: 2 } });
    assert.equal((await ask('GET', '/v1/users/{id}/conversations', { path: '/v1/users/ann/conversations?limit=1' })).conversations.length, 1);
    await ask('GET', '/v1/presence', { path: '/v1/presence?user=bob&user=carl', behalf: 'ann' });
    const { token } = await ask('POST', '/v1/users/{id}/tokens', { path: '/v1/users/bob/tokens', body: { ttl_s: 60, name: 'Bob' } });
    await ask('GET', one, { path: `/v1/conversations/${group.cid}`, bearer: token });
    await ask('DELETE', '/v1/users/{id}/sessions', { path: '/v1/users/bob/sessions' });
    await ask('GET', one, { path: `/v1/conversations/${group.cid}`, bearer: token, status: 401 });

    const all = Object.values(spec.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
    assert.deepEqual([...walked].sort(), all.sort(), 'every operation was asked');
  });

  it('answers what it does not do with a problem that says so', async () => {
    await ask('POST', '/v1/conversations', { behalf: 'ann', body: { kind: 'direct' }, status: 400 });
    await ask('POST', '/v1/conversations', { body: {}, status: 400 });
    await ask('GET', one, { path: `/v1/conversations/c_${'A'.repeat(22)}`, behalf: 'ann', status: 404 });
    await ask('GET', '/v1/users/{id}/conversations', { path: '/v1/users/ann/conversations', bearer: null, status: 401 });
    await ask('GET', '/v1/limits', { headers: { accept: 'text/html' }, status: 406 });
    const cases = [
      ['PUT', '/v1/limits', {}, 405], ['POST', '/v1/limits', { body: {} }, 405], ['GET', '/v1/nothing', {}, 404],
      ['POST', '/v1/conversations', { behalf: 'ann', headers: { 'content-type': 'text/plain' }, body: {} }, 415],
      ['POST', '/v1/conversations/to:bob/messages', { behalf: 'ann', body: { text: 'x'.repeat(20_000) } }, 413],
      ['POST', '/v1/users/ann/tokens', { body: [] }, 400],
    ];
    for (const [method, path, how, status] of cases) {
      const { response, json } = await raw(method, path, how);
      assert.equal(response.status, status, `${method} ${path}`);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      fits(json, ...problem);
      if (status === 405) assert.equal(response.headers.get('allow'), 'GET, HEAD');
    }
    const head = await fetch(`${server.url}/v1/limits`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });
});

describe('a write under an Idempotency-Key', () => {
  const keyed = (name, how) => ({ behalf: 'ann', ...how, headers: { 'idempotency-key': name } });
  // A connection of its own each: they come to different reactors.
  const apart = (how) => ({ ...how, headers: { ...how.headers, connection: 'close' } });

  it('is done once, whatever connections it comes over and however often at a time', async () => {
    const { json: group } = await raw('POST', '/v1/conversations', { behalf: 'ann', body: {} });
    const path = `/v1/conversations/${group.cid}/members`;
    const answers = await Promise.all(Array.from({ length: 12 }, () => raw('POST', path, apart(keyed('add', { body: { users: ['bob'] } })))));
    for (const { response, json } of answers) assert.deepEqual([response.status, json], [200, { added: ['bob'] }]);
    const { json: removed } = await raw('DELETE', `${path}?user=bob`, apart(keyed('remove')));
    for (let i = 0; i < 4; i += 1) {
      assert.deepEqual((await raw('POST', path, apart(keyed('add', { body: { users: ['bob'] } })))).json, { added: ['bob'] });
      assert.deepEqual((await raw('DELETE', `${path}?user=bob`, apart(keyed('remove')))).json, removed);
    }
    const { json: list } = await raw('GET', path, { behalf: 'ann' });
    assert.deepEqual(list.members.map(({ user }) => user), ['ann']);
    const other = await raw('POST', path, apart(keyed('add', { body: { users: ['carl'] } })));
    assert.deepEqual([other.response.status, other.json.code], [409, 'conflict']);
    const title = await raw('PATCH', `/v1/conversations/${group.cid}`, apart(keyed('title', { body: { title: 'one' } })));
    await raw('PATCH', `/v1/conversations/${group.cid}`, { behalf: 'ann', body: { title: 'two' } });
    assert.deepEqual((await raw('PATCH', `/v1/conversations/${group.cid}`, apart(keyed('title', { body: { title: 'one' } })))).json, title.json);
    assert.equal((await raw('GET', `/v1/conversations/${group.cid}`, { behalf: 'ann' })).json.title, 'two');
  });

  it('is tried again after an error', async () => {
    const path = '/v1/conversations/ext:later/members';
    const add = () => raw('POST', path, apart(keyed('late', { body: { users: ['bob'] } })));
    assert.equal((await add()).response.status, 404);
    await raw('POST', '/v1/conversations', { behalf: 'ann', body: { external_id: 'later' } });
    assert.deepEqual((await add()).json, { added: ['bob'] });
  });

  it('makes one group and one message, also after the server was killed', async () => {
    const create = () => raw('POST', '/v1/conversations', apart(keyed('group', { body: { title: 'Once' } })));
    const say = (text) => raw('POST', '/v1/conversations/to:eve/messages', apart(keyed('said', { body: { text } })));
    const [group, again] = await Promise.all([create(), create()]);
    assert.deepEqual(again.json, group.json);
    const [first, second] = await Promise.all([say('hi'), say('hi')]);
    assert.deepEqual([first.json.id, first.json.seq], [second.json.id, second.json.seq]);
    assert.notEqual(first.json.duplicate, second.json.duplicate);
    await server.kill9();
    await server.restart();
    assert.equal((await create()).json.cid, group.json.cid);
    assert.deepEqual((await say('hi')).json, { ...first.json, duplicate: true });
    assert.equal((await say('ho')).json.code, 'conflict');
    const { json: list } = await raw('GET', '/v1/users/ann/conversations');
    assert.equal(list.conversations.filter(({ title }) => title === 'Once').length, 1);
  });

  it('throws a user out once', async () => {
    const crowd = new Crowd(server.url);
    const out = () => raw('DELETE', '/v1/users/fay/sessions', { headers: { 'idempotency-key': 'out', connection: 'close' } });
    const enter = async () => crowd.join({ token: await server.token('fay', { app: 'shop' }) });
    await enter();
    const first = await out();
    assert.equal(first.json.sessions, 1);
    const fay = await enter();
    assert.deepEqual((await out()).json, first.json);
    assert.ok(Array.isArray((await fay.call('conversation.list', {})).conversations), 'she is still there');
    crowd.close();
  });
});

describe('what a server key does in the name of a user', () => {
  it('is told by the log: whose key, for whom, which event', async () => {
    const { json: sent } = await raw('POST', '/v1/conversations/to:gus/messages', { behalf: 'ann', body: { text: 'never in a log' } });
    const [, kid] = key.split('_');
    const line = server.log.split('\n').find((text) => text.includes('event=acted_for') && text.includes(`in=${sent.cid}`));
    assert.match(line, new RegExp(`app=shop kid=${kid} user=ann what=message.send in=${sent.cid} seq=${sent.seq} code=ok$`));
    assert.ok(!server.log.includes('never in a log'));
  });
});
