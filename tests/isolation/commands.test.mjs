// Every command, asked for what is another's: nothing is read, nothing changes, nobody hears of it, and a stranger can not tell what is there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { documented } from '../support/documents.mjs';
import { commands_of } from './inventory.mjs';
import { commands } from './rows.mjs';
import { lost, things } from './things.mjs';
import { ask_raw, masked, World } from './world.mjs';

let world;
before(async () => { world = await World.build(); });
after(async () => { await world?.end(); });

/** One ask of a row over all things of its form: each as expected, and all alike. */
async function walk(command, { form, make, expect, who = [] }, asker, asked) {
  if (who.length && !who.includes(asker)) return;
  const client = world[asker];
  const answers = [];
  for (const thing of asked[form]) {
    const text = await ask_raw(client, command, make(thing, world));
    const [answer] = JSON.parse(text);
    const what = `${asker} asks ${command} of ${thing}: ${text}`;
    if (typeof expect === 'string') assert.equal(answer.error?.code, expect, what);
    else if (typeof expect === 'function') { assert.ok(answer.ok, what); expect(answer.data, world, thing); }
    else assert.deepEqual(answer.data, expect, what);
    answers.push(masked(text, thing));
  }
  assert.equal(new Set(answers).size, asked[form].length ? 1 : 0, `${asker} tells ${form}s apart by ${command}:\n${answers.join('\n')}`);
}

describe('every command', () => {
  it('has a row here and stands in the documents', async () => {
    const known = await commands_of(world.tim);
    assert.ok(known.length > 20);
    assert.deepEqual(known.filter((name) => !(name in commands)), [], 'commands without a row in rows.mjs');
    assert.deepEqual(documented('Client to server'), known, 'docs/protocol.md and the server');
  });

  for (const asker of ['sam', 'blue_ann', 'eve']) {
    describe(`asked by ${{ sam: 'a stranger', blue_ann: 'one of another application', eve: 'a former member, of what he never had a part in' }[asker]}`, () => {
      for (const [command, row] of Object.entries(commands)) {
        it(command, async () => {
          for (const one of row.outside) await walk(command, one, asker, things(world, asker));
          await world.check(`${command} by ${asker}`);
        });
      }
      it('was not heard by anybody', async () => { await world.check_fenced(asker); });
    });
  }

  describe('asked by a former member of what he was in', () => {
    for (const [command, row] of Object.entries(commands)) {
      it(command, async () => {
        for (const one of row.former) await walk(command, one, 'eve', lost(world));
        await world.check(`${command} by eve`);
      });
    }
    it('was not heard by anybody, and he hears nothing', async () => { await world.check_fenced('eve'); });
  });

  describe('asked for what is no id at all', () => {
    const odd = ['', ' ', 'c_', 'c_short', `c_${'A'.repeat(23)}`, `c_${'!'.repeat(22)}`, '*', '%', '..', '\u0000', 'x'.repeat(5000), 7, null, true, [], {}, { cid: 1 }];
    for (const command of Object.keys(commands)) {
      it(command, async () => {
        for (const value of odd)
          for (const args of [{ cid: value }, { external_id: value }, { to: value }, { users: [value] }, { users: value }, { cursors: [{ cid: value, seq: 1 }] }, { epoch: value }, { room: value }, { token: value }, { next: value }, { cid: value, to: 'pam' }]) {
            const answer = await world.tim.ask(command, { text: 'x', user: 'bob', role: 'member', status: 'online', title: 'x', kind: 'none', ...args });
            if (!answer.ok) assert.ok(['validation_failed', 'not_found', 'too_large', 'forbidden', 'not_member', 'unauthenticated', 'rate_limited'].includes(answer.error.code), `${command} ${JSON.stringify(args).slice(0, 80)}: ${JSON.stringify(answer.error)}`);
          }
        await world.check(`${command} by tim`);
      });
    }
    it('was not heard by anybody', async () => { await world.check_fenced('tim'); });
  });
});
