// Every route, asked for what is another's, by all who may ask: status, headers and body are those of what is not there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { documented_routes } from '../support/documents.mjs';
import { make } from '../support/jwt.mjs';
import { http } from '../support/raw.mjs';
import { routes_of } from './inventory.mjs';
import { routes } from './rows.mjs';
import { lost, things } from './things.mjs';
import { masked, World } from './world.mjs';

let world;
before(async () => { world = await World.build(); });
after(async () => { await world?.end(); });

const behalf = (user) => ({ 'On-Behalf-Of': user });
/** Who asks: his credentials, whose lists of things are his, and whether it is the application itself. */
const callers = {
  'a stranger': () => ({ bearer: world.red.token('sam'), list: 'sam' }),
  'the application in a stranger\'s name': () => ({ bearer: world.red.key, headers: behalf('sam'), list: 'sam' }),
  'one of another application': () => ({ bearer: world.blue.token('ann'), list: 'blue_ann' }),
  'another application in the name of one of hers': () => ({ bearer: world.blue.key, headers: behalf('ann'), list: 'blue_ann' }),
  'another application': () => ({ bearer: world.blue.key, list: 'blue_ann', is_app: true }),
};
const former_callers = {
  'a former member': () => ({ bearer: world.red.token('eve') }),
  'the application in a former member\'s name': () => ({ bearer: world.red.key, headers: behalf('eve') }),
};

const way = { cid: (cid) => cid, external: (id) => `ext:${encodeURIComponent(id)}`, user: (user) => `to:${user}` };

/** Paths of `route` for each thing of a form: [[thing, path], …], in groups that have to be answered alike. */
function paths(route, { form, ways = ['cid', 'external', 'user'] }, asked, is_app) {
  const path = route.split(' ')[1];
  const fill = (thing, text) => [thing, path.replace('*', text)];
  if (form === 'user') return [asked.user.map((user) => fill(user, user))];
  if (form === 'query_user') return [asked.user.map((user) => fill(user, ''))];
  if (form === 'free') return [asked.free.map((id) => fill(id, ''))];
  if (!path.includes('*')) return [asked.cid.map((cid) => [cid, `${path}?cid=${cid}`])];
  return ways.filter((name) => !(is_app && name === 'user')).map((name) => asked[name].map((thing) => fill(thing, way[name](thing))));
}

async function request(route, path, { bearer, headers = {} }, made) {
  return http(world.server.port, route.split(' ')[0], path + (made.query ?? ''), {
    body: made.body, headers: { ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}), ...headers, ...made.headers, ...(made.key ? { 'Idempotency-Key': made.key } : {}) } });
}

const said = ({ status, headers: { date, ...headers }, text }, thing) => masked(JSON.stringify([status, headers, text]), thing).replaceAll('\\"', '"');

async function walk(route, one, caller, asked) {
  const expect = one.expect[caller.is_app ? 'app' : 'user'];
  for (const group of paths(route, one, asked, caller.is_app)) {
    const answers = [];
    for (const [thing, path] of group) {
      const answer = await request(route, path, caller, one.make(thing, world));
      const what = `${route} of ${thing}: ${answer.status} ${answer.text}`;
      if (typeof expect === 'number' || Array.isArray(expect)) assert.ok([expect].flat().includes(answer.status), what);
      else if (typeof expect === 'function') expect(JSON.parse(answer.text), world);
      else assert.deepEqual(JSON.parse(answer.text), expect, what);
      answers.push(masked(said(answer, thing), thing));
    }
    assert.equal(new Set(answers).size, group.length ? 1 : 0, `${one.form}s are told apart:\n${answers.join('\n')}`);
  }
}

describe('every route', () => {
  let known;
  before(async () => { known = await routes_of(world.server.port); });
  const there = (route) => known.includes(route);

  it('has a row here and stands in the documents', () => {
    assert.ok(known.length > 10);
    assert.deepEqual(known.filter((route) => !(route in routes)), [], 'routes without a row in rows.mjs');
    assert.deepEqual(documented_routes(), known, 'docs/rest.md and the server');
  });

  for (const [who, caller] of Object.entries(callers)) {
    describe(`asked by ${who}`, () => {
      for (const [route, row] of Object.entries(routes)) {
        it(route, async () => {
          if (!there(route)) return;
          for (const one of row.outside) await walk(route, one, caller(), things(world, caller().list));
          await world.check(`${route} by ${who}`);
        });
      }
      it('was not heard by anybody', async () => { await world.check_fenced(who); });
    });
  }

  for (const [who, caller] of Object.entries(former_callers)) {
    describe(`asked by ${who}`, () => {
      for (const [route, row] of Object.entries(routes)) {
        it(route, async () => {
          if (!there(route)) return;
          for (const one of row.former) await walk(route, { ...one, ways: ['cid', 'external'] }, caller(), lost(world));
          await world.check(`${route} by ${who}`);
        });
      }
      it('was not heard by anybody', async () => { await world.check_fenced(who); });
    });
  }

  it('is closed to who does not say who he is, and tells him nothing of what is there', async () => {
    const second = JSON.parse(await world.server.run('app', 'key', 'add', 'red', '--kind', 'server', '--json'));
    await world.server.run('app', 'key', 'retire', 'red', second.kid);
    const hour = Math.floor(Date.now() / 1000) + 3600;
    const credentials = {
      nothing: undefined, noise: 'x', 'a token of no key': make({ alg: 'HS256' }, { iss: 'red', sub: 'ann', exp: hour }), 'a token of another application\'s key': world.blue.token('ann').replace(/\.[^.]*\./, `.${Buffer.from(JSON.stringify({ iss: 'red', sub: 'ann', exp: hour })).toString('base64url')}.`),
      'an unsigned token': make({ alg: 'none' }, { iss: 'red', sub: 'ann', exp: hour }).replace(/[^.]*$/, ''), 'a wrong secret': `${world.red.key.slice(0, -4)}AAAA`, 'a retired key': second.secret,
    };
    for (const [what, bearer] of Object.entries(credentials)) {
      const answers = new Set();
      for (const [route, row] of Object.entries(routes)) {
        if (!there(route) || /limits|openapi/.test(route)) continue;
        for (const one of row.outside)
          for (const [thing, path] of paths(route, one, things(world, 'sam')).flat())
            for (const headers of bearer?.startsWith('sk_') ? [{}, behalf('ann')] : [{}]) answers.add(said(await request(route, path, { bearer, headers }, one.make(thing, world))));
      }
      assert.equal(answers.size, 1, `${what}:\n${[...answers].join('\n')}`);
      assert.match([...answers][0], /^\[401,.*"unauthenticated"/, what);
    }
    await world.check('without credentials');
    await world.check_fenced('without credentials');
  });

  it('gives nobody the answer that another got under the same Idempotency-Key', async () => {
    const route = 'PATCH /v1/conversations/*/members';
    const path = `/v1/conversations/${world.crew.cid}/members`;
    const made = { body: JSON.stringify({ user: 'bob', role: 'member' }), headers: { 'Content-Type': 'application/json' }, key: 'as it is' };
    const ask = async (caller) => { const { status, text } = await request(route, path, caller, made); return [status, JSON.parse(text).code ?? text]; };
    for (let n = 0; n < 2; n += 1) assert.deepEqual(await ask({ bearer: world.red.token('ann') }), [200, '{"seq":0}']);
    for (const [who, caller] of Object.entries(callers)) assert.deepEqual(await ask(caller()), [404, 'not_found'], who);
    for (const [who, caller] of Object.entries(former_callers)) assert.deepEqual(await ask(caller()), [403, 'not_member'], who);
    await world.check('with another\'s Idempotency-Key');
  });

  it('ends no sessions of the same name in another application, nor what lets him in there', async () => {
    const { status, text } = await request('DELETE', '/v1/users/carl/sessions', { bearer: world.blue.key }, {});
    assert.deepEqual([status, JSON.parse(text).sessions], [200, 0]);
    (await world.crowd.join({ token: world.red.token('carl') })).close();
    await world.check('sessions of another application');
    await world.check_fenced('sessions of another application');
  });

  it('takes no user for another: On-Behalf-Of is not his to say', async () => {
    const answers = new Set();
    for (const [route, row] of Object.entries(routes)) {
      if (!there(route)) continue;
      for (const one of row.outside)
        for (const [thing, path] of paths(route, one, things(world, 'sam')).flat())
          for (const user of ['ann', 'sam', 'zed']) answers.add(said(await request(route, path, { bearer: world.red.token('sam'), headers: behalf(user) }, one.make(thing, world))));
    }
    assert.equal(answers.size, 1, [...answers].join('\n'));
    assert.match([...answers][0], /^\[403,.*"forbidden"/);
    await world.check('with On-Behalf-Of');
  });
});
