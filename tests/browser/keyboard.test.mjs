// The page without a mouse, and with a screen reader: where the focus goes, what everything is called, what can be read.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser, looks } from '../support/browser.mjs';
import { Crowd } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

let server;
let browser;
let crowd;
let ann;
const press = async (...keys) => { for (const key of keys) await ann.page.keyboard.press(key); };
const say = (text) => ann.page.keyboard.type(text);
/** What Tab comes by, from here on, until it is at `last`. */
async function stops(last, max = 20) {
  const seen = [];
  while (seen.at(-1) !== last && seen.length < max) { await press('Tab'); seen.push(await ann.focused()); }
  return seen;
}

before(async () => {
  server = await Server.start();
  crowd = new Crowd(server.url);
  browser = await Browser.open();
  ann = await browser.window(server.url, looks.desk_dark);
});
after(async () => { crowd.close(); await browser.close(); await server.stop(); });

describe('by keyboard alone', () => {
  it('one enters, and stands where one can find somebody', async () => {
    await say('ann');
    await press('Enter');
    await ann.ready();
    assert.equal(await ann.focused(), 'talk-to');
  });

  it('one talks to somebody, and the list is one stop with arrows inside', async () => {
    for (const name of ['bob', 'cyd', 'dan']) {
      const one = await crowd.join({ user: name });
      await one.call('room.join', { room: 'lobby' });
      await one.call('message.send', { to: 'ann', text: `${name} here` });
      await ann.entry(name).waitFor();
    }
    await press('Tab');
    const order = await ann.page.locator('#list .entry-title').allTextContents();
    assert.deepEqual(order, ['dan', 'cyd', 'bob']);
    const at_entry = () => ann.page.evaluate(() => document.activeElement.querySelector('.entry-title')?.textContent);
    assert.equal(await at_entry(), 'dan');
    await press('ArrowDown', 'ArrowDown');
    assert.equal(await at_entry(), 'bob');
    await ann.shot('60-focus-list');
    await press('ArrowDown', 'Home');
    assert.equal(await at_entry(), 'dan');
    await press('End', 'Enter');
    assert.equal(await ann.focused(), 'text');
    assert.equal(await ann.page.locator('#thread-title').textContent(), 'bob');
    await say('Typed without a mouse');
    await press('Enter');
    await ann.ticked('Typed without a mouse', 'sent', 'delivered', 'read');
    await ann.shot('61-dark');
  });

  it('Escape leads back to the list, to where one was, and the draft stays', async () => {
    await say('half a thought');
    await press('Escape');
    assert.equal(await ann.page.evaluate(() => document.activeElement.querySelector('.entry-title')?.textContent), 'bob');
    assert.equal(await ann.page.locator('#thread-empty').isVisible(), true);
    await press('Enter');
    assert.equal(await ann.page.locator('#text').inputValue(), 'half a thought');
    await ann.page.locator('#text').fill('');
  });

  it('a message that comes keeps the focus where it is', async () => {
    await press('Escape');
    await crowd.clients[1].call('message.send', { to: 'ann', text: 'me again' });
    await ann.page.locator('#list .entry-title').first().filter({ hasText: 'cyd' }).waitFor();
    assert.equal(await ann.page.evaluate(() => document.activeElement.querySelector('.entry-title')?.textContent), 'bob');
    await crowd.clients[0].call('message.send', { to: 'ann', text: 'to the top of the list' });
    await ann.page.locator('#list .entry-title').first().filter({ hasText: 'bob' }).waitFor();
    assert.equal(await ann.page.evaluate(() => document.activeElement.querySelector('.entry-title')?.textContent), 'bob', 'also when its row moves');
  });

  it('Tab comes by everything once, in the order of the screen, and what has the focus can be seen', async () => {
    await press('Enter');
    await ann.page.locator('#my-presence').focus();
    const seen = await stops('send');
    assert.deepEqual(seen.map((name) => name.replace(/^c_.*/, 'entry')), ['new-group', 'leave', 'bob', 'talk-to', 'entry', 'log', 'Reply to bob', 'text', 'send']);
    for (const id of ['new-group', 'talk-to', 'text', 'send', 'log']) {
      await ann.page.locator(`#${id}`).focus();
      await press('Shift+Tab', 'Tab');
      const seen_as = await ann.page.evaluate(() => { const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement); return [document.activeElement.id, outlineStyle, parseFloat(outlineWidth) >= 2]; });
      assert.deepEqual(seen_as, [id, 'solid', true]);
    }
  });

  it('a dialog takes the focus, keeps it, and gives it back', async () => {
    await ann.page.locator('#new-group').focus();
    await press('Enter');
    assert.equal(await ann.focused(), 'group-name');
    const seen = await stops('group-name', 12);
    assert.ok(seen.every((name) => !['talk-to', 'text', 'leave'].includes(name)), seen.join(' '));
    await say('Crew');
    await press('Enter');
    await ann.page.getByRole('heading', { name: 'Crew' }).waitFor();
    assert.equal(await ann.focused(), 'text');
    await ann.page.locator('#new-group').focus();
    await press('Enter', 'Escape');
    assert.equal(await ann.focused(), 'new-group');
  });

  it('who is alone in a group is told so', async () => {
    await ann.page.locator('#thread-sub', { hasText: 'Only you' }).waitFor();
    await ann.page.getByText('No messages yet. Say hello.').waitFor();
    await ann.shot('62-empty-group');
    assert.deepEqual(await ann.complaints(), []);
  });
});

describe('to a screen reader', () => {
  it('everything has a name, in light and dark, wide and narrow', async () => {
    for (const [name, look] of Object.entries(looks)) {
      const window = await browser.window(server.url, look);
      assert.deepEqual(await window.complaints(), [], `${name}: the door`);
      await window.enter(`eve-${name}`);
      await window.page.locator('#here .person').first().waitFor();
      assert.deepEqual(await window.complaints(), [], `${name}: the list`);
      await window.person('bob').click();
      await window.write('Hello');
      await window.ticked('Hello', 'sent', 'delivered', 'read');
      await crowd.clients[0].call('message.send', { to: `eve-${name}`, text: 'Hello yourself' });
      await window.message('Hello yourself').waitFor();
      assert.deepEqual(await window.complaints(), [], `${name}: a conversation`);
      assert.equal(await window.overflow(), 0);
      await window.shot(`63-${name}`);
      await window.close();
    }
  });

  it('a row says who, what, when and how far', async () => {
    await ann.entry('bob').click();
    const row = ann.page.locator('#rows .message.mine').filter({ hasText: 'Typed without a mouse' });
    assert.match(await row.ariaSnapshot(), /You: .*Typed without a mouse/s);
    assert.match(await row.ariaSnapshot(), /img "(Sent|Delivered|Read)"/);
  });

  it('what comes is announced: in the open conversation its text, elsewhere only who', async () => {
    await ann.page.bringToFront();
    await crowd.clients[0].call('message.send', { to: 'ann', text: 'spoken aloud' });
    await ann.page.locator('#announce', { hasText: 'bob: spoken aloud' }).waitFor({ state: 'attached' });
    await crowd.clients[2].call('message.send', { to: 'ann', text: 'secret' });
    await ann.page.locator('#announce', { hasText: /^New message from dan$/ }).waitFor({ state: 'attached' });
    await ann.entry('dan').getByText('2 unread messages').waitFor({ state: 'attached' });
  });
});

describe('on a phone', () => {
  it('one pane is shown at a time, and the browser\'s back leads to the list', async () => {
    const pip = await browser.window(server.url, looks.phone);
    await pip.enter('pip');
    assert.equal(await pip.page.locator('#thread').isVisible(), false);
    await pip.person('bob').click();
    assert.equal(await pip.page.locator('#sidebar').isVisible(), false);
    await pip.write('From the road');
    await pip.ticked('From the road', 'sent', 'delivered', 'read');
    await pip.page.goBack();
    await pip.entry('bob').waitFor();
    assert.equal(await pip.page.locator('#thread').isVisible(), false);
    await pip.entry('bob').click();
    await pip.page.getByRole('button', { name: 'Back to conversations' }).click();
    await pip.entry('bob').waitFor();
    await pip.page.getByRole('button', { name: 'Be someone else' }).click();
    await pip.page.getByLabel('Your name').waitFor();
    assert.deepEqual(await pip.page.locator('#recent-names button').allTextContents(), ['pip']);
    assert.deepEqual(pip.problems, []);
    await pip.close();
  });
});
