// Groups in the page: made, named, filled and left, and nobody is offered what his role may not.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser, looks } from '../support/browser.mjs';
import { Crowd } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

let server;
let browser;
let crowd;
let ann;       // makes the group
let bob;       // on a phone
let cyd;       // by the stock client
let cid;

const dialog = (window) => window.page.locator('#members-dialog');
const member = (window, user) => window.page.locator(`#members-list [data-user="${user}"]`);
const role = (window, user) => window.page.getByLabel(`Role of ${user}`);
const open_group = (window) => window.page.getByRole('button', { name: 'Group and members' }).click();
async function done(window) {
  await dialog(window).getByRole('button', { name: 'Done' }).click();
  await dialog(window).waitFor({ state: 'hidden' });
}
const options = async (window, user) => (await role(window, user).locator('option').allTextContents());
const shown_role = (window, user, wanted) => window.page.waitForFunction(([one, text]) => {
  const row = document.querySelector(`#members-list [data-user="${one}"]`);
  return (row?.querySelector('select')?.selectedOptions[0] ?? row?.querySelector('.role'))?.textContent.replace('…', '') === text;
}, [user, wanted]);

before(async () => {
  server = await Server.start();
  crowd = new Crowd(server.url);
  browser = await Browser.open();
  [ann, bob] = [await browser.window(server.url), await browser.window(server.url, looks.phone_dark)];
  await ann.enter('ann');
  await bob.enter('bob');
  cyd = await crowd.join({ user: 'cyd' });
});
after(async () => { crowd.close(); await browser.close(); await server.stop(); });

describe('groups', () => {
  it('are made with a name and people, and not without a name', async () => {
    await ann.person('bob').waitFor();
    await ann.page.getByRole('button', { name: 'New group' }).click();
    await ann.page.getByRole('button', { name: 'Make group' }).click();
    await ann.page.getByText('A group needs a name.').waitFor();
    assert.equal(await ann.focused(), 'group-name');
    await ann.page.getByLabel('Name of the group').fill('Trail crew');
    await ann.page.locator('#group-people input[value="bob"]').check();
    await ann.page.getByLabel('Others, by name').fill('cyd');
    await ann.shot('30-new-group');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.getByRole('button', { name: 'Make group' }).click();
    await ann.page.getByRole('heading', { name: 'Trail crew' }).waitFor();
    await ann.page.locator('#thread-sub', { hasText: '3 members' }).waitFor();
    ({ conversations: [{ cid }] } = await cyd.call('conversation.list', {}));
  });

  it('tell the last of all: a message is read when everybody has read it', async () => {
    await ann.write('Saturday at nine?');
    await ann.ticked('Saturday at nine?', 'sent', 'delivered');
    await bob.entry('Trail crew').click();
    await bob.message('Saturday at nine?').waitFor();
    await bob.write('I bring the coffee.');
    await ann.message('I bring the coffee.').waitFor();
    const { messages } = await cyd.call('message.history', { cid });
    await cyd.call('receipt.read', { cursors: [{ cid, seq: messages.at(-1).seq }] });
    await ann.ticked('Saturday at nine?', 'read');
    await cyd.call('message.send', { cid, text: 'So do I.', reply_to: messages.at(-1).seq });
    await ann.message('So do I.').waitFor();
    await ann.shot('31-group');
  });

  it('take and lose people, with a line for each', async () => {
    await open_group(ann);
    await shown_role(ann, 'ann', 'Owner');
    await ann.page.getByLabel('Add someone by name').fill('dora, bob');
    await ann.page.getByLabel('Add someone by name').press('Enter');
    await member(ann, 'dora').waitFor();
    await bob.page.getByText('ann added dora').waitFor();
    await ann.shot('32-group-owner');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.getByLabel('Add someone by name').fill('dora');
    await ann.page.getByLabel('Add someone by name').press('Enter');
    await ann.page.getByText('dora is in the group already.').waitFor();
    await ann.page.getByRole('button', { name: 'Remove dora' }).click();
    await bob.page.getByText('ann removed dora').waitFor();
    await member(ann, 'dora').waitFor({ state: 'detached' });
    assert.equal(await ann.focused(), 'member-name', 'the focus is not lost with the row');
  });

  it('get another name', async () => {
    await ann.page.getByRole('button', { name: 'Rename group' }).click();
    assert.equal(await ann.page.getByLabel('What it is called from now on').inputValue(), 'Trail crew');
    await ann.page.keyboard.press('Escape');
    assert.equal(await ann.focused(), 'rename');
    assert.ok(await dialog(ann).isVisible(), 'Escape leaves the field, not the dialog');
    await ann.page.keyboard.press('Enter');
    await ann.page.keyboard.type('Ridge crew');
    await ann.page.keyboard.press('Enter');
    await ann.page.locator('#members-title', { hasText: 'Ridge crew' }).waitFor();
    await bob.page.getByText('ann named the group “Ridge crew”').waitFor();
    await bob.page.getByRole('heading', { name: 'Ridge crew' }).waitFor();
  });

  it('have roles: the owner gives each, and each is offered what it may', async () => {
    assert.deepEqual(await options(ann, 'bob'), ['Member', 'Moderator', 'Admin', 'Owner…']);
    await open_group(bob);
    await shown_role(bob, 'bob', 'Member');
    for (const name of ['Remove cyd', 'Rename group', 'Add']) assert.equal(await dialog(bob).getByRole('button', { name, exact: true }).count(), 0, `a member is not offered ${name}`);
    assert.equal(await dialog(bob).locator('select').count(), 0);
    await bob.shot('33-group-member-phone-dark');
    await role(ann, 'bob').selectOption('moderator');
    await shown_role(bob, 'bob', 'Moderator');
    await dialog(bob).getByRole('button', { name: 'Remove cyd' }).waitFor();
    assert.equal(await dialog(bob).getByRole('button', { name: 'Remove ann' }).count(), 0);
    assert.equal(await dialog(bob).getByRole('button', { name: 'Rename group' }).count(), 0);
    await role(ann, 'bob').selectOption('admin');
    await dialog(bob).getByRole('button', { name: 'Rename group' }).waitFor();
    assert.deepEqual(await options(bob, 'cyd'), ['Member', 'Moderator']);
    await bob.shot('34-group-admin-phone-dark');
    assert.deepEqual(await bob.complaints(), []);
  });

  it('are handed over after a question, and the old owner stays as admin', async () => {
    await role(ann, 'bob').selectOption('owner');
    await ann.page.getByRole('heading', { name: 'Make bob the owner?' }).waitFor();
    await ann.shot('35-hand-over');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.keyboard.press('Escape');
    await shown_role(ann, 'bob', 'Admin');   // nothing was done
    await role(ann, 'bob').selectOption('owner');
    await ann.page.getByRole('button', { name: 'Hand over' }).click();
    await shown_role(ann, 'bob', 'Owner');
    await shown_role(ann, 'ann', 'Admin');
    await shown_role(bob, 'bob', 'Owner');
    await done(ann);
    await ann.page.locator('.line', { hasText: 'You made bob the owner' }).waitFor();
    await ann.shot('36-group-lines');
  });

  it('show it when another takes a right away meanwhile', async () => {
    await open_group(ann);
    await role(ann, 'cyd').waitFor();
    await role(bob, 'ann').selectOption('member');
    await shown_role(ann, 'ann', 'Member');
    assert.equal(await ann.page.locator('#members-dialog select').count(), 0);
    await done(ann);
  });

  it('are left after a question; who stays inherits', async () => {
    await dialog(bob).getByRole('button', { name: 'Leave group' }).click();
    await bob.page.getByText('becomes its owner').waitFor();
    await bob.shot('37-leave-phone-dark');
    await bob.page.locator('#confirm-dialog').getByRole('button', { name: 'Leave group' }).click();
    await bob.entry('Ridge crew').waitFor({ state: 'detached' });
    await ann.page.locator('.line', { hasText: 'bob left' }).waitFor();
    assert.equal(await bob.page.locator('#notice').isVisible(), false);
    const { members } = await cyd.call('member.list', { cid });
    assert.equal(members.filter((one) => one.role === 'owner').length, 1);
  });

  it('go from the screen of who is removed, with a word', async () => {
    const { members } = await cyd.call('member.list', { cid });
    const owner = members.find((one) => one.role === 'owner').user;
    if (owner === 'ann') {
      await open_group(ann);
      await role(ann, 'cyd').selectOption('owner');
      await ann.page.getByRole('button', { name: 'Hand over' }).click();
      await shown_role(ann, 'ann', 'Admin');   // the choice itself shows Owner at once
      await done(ann);
    }
    await cyd.call('member.remove', { cid, user: 'ann' });
    await ann.page.getByText('You are no longer in Ridge crew.').waitFor();
    await ann.page.getByText('Choose someone who is here').waitFor();
    await ann.shot('38-removed');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await ann.page.locator('#notice').isVisible(), false);
  });

  it('nothing was complained about on the console', () => assert.deepEqual([...ann.problems, ...bob.problems], []));
});
