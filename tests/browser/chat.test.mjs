// The chat page in headless Chromium: two people find each other and talk, in a group too; what breaks mends by itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser, looks } from '../support/browser.mjs';
import { Crowd } from '../support/clients.mjs';
import { until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

let server;
let browser;
let crowd;
let ann;
let bob;
const kept_sent = ['sent', 'delivered', 'read'];

before(async () => {
  server = await Server.start();
  crowd = new Crowd(server.url);
  browser = await Browser.open();
});
after(async () => { crowd.close(); await browser.close(); await server.stop(); });

describe('the chat page', () => {
  it('asks for a name, and will not go on without one', async () => {
    ann = await browser.window(server.url);
    await ann.page.getByRole('button', { name: 'Enter', exact: true }).click();
    await ann.page.getByText('Please pick a name.').waitFor();
    assert.equal(await ann.page.evaluate(() => document.activeElement.id), 'name');
    await ann.shot('01-sign-in');
    bob = await browser.window(server.url, looks.phone_dark);
    await bob.shot('02-sign-in-phone-dark');
  });

  it('is empty in a friendly way for the first who comes', async () => {
    await ann.enter('ann');
    await ann.page.getByText('Nobody else yet.').waitFor();
    await ann.page.getByText('None yet. Say hello to someone.').waitFor();
    await ann.shot('03-alone');
  });

  it('shows who comes, within ten seconds of two windows', async () => {
    const began = Date.now();
    await bob.enter('bob');
    await ann.person('bob').waitFor();
    await bob.person('ann').waitFor();
    assert.ok(Date.now() - began < 10_000);
    await bob.shot('04-list-phone-dark');
  });

  it('sends one to one, confirmed, and shows it unread to the other until he opens it', async () => {
    await ann.person('bob').click();
    await ann.write('Hello Bob, are you there?');
    await ann.ticked('Hello Bob, are you there?', ...kept_sent);
    await ann.write('<b>not bold</b> & "quoted" \u{1F98A}');
    await ann.ticked('<b>not bold</b> & "quoted" \u{1F98A}', ...kept_sent);
    await bob.badge('ann').waitFor();
    await bob.page.waitForFunction(() => document.querySelector('.badge')?.textContent.startsWith('2'));
    assert.match(await bob.page.title(), /^\(2\)/);
    await bob.shot('05-unread-phone-dark');
    await bob.entry('ann').click();
    await bob.message('<b>not bold</b>').waitFor();
    assert.deepEqual(await bob.texts(), ['Hello Bob, are you there?', '<b>not bold</b> & "quoted" \u{1F98A}']);
    await bob.page.waitForFunction(() => document.title === 'Kith');
    await bob.write('Yes, just came in. Shall we start with the north side?');
    await ann.message('Yes, just came in.').waitFor();
    await ann.shot('06-direct');
    await bob.shot('07-direct-phone-dark');
  });

  it('shows that somebody is typing, in the conversation and in the list, until he sends or stops', async () => {
    await bob.page.locator('#text').pressSequentially('Let me lo');
    await ann.page.locator('#thread-sub', { hasText: 'bob is typing' }).waitFor();
    await ann.entry('bob').locator('.entry-line', { hasText: 'bob is typing' }).waitFor();
    await ann.shot('07b-typing');
    await bob.page.locator('#text').fill('');
    await ann.page.locator('#thread-sub', { hasText: 'Online' }).waitFor();
  });

  it('shows who is there, busy, away or gone', async () => {
    await bob.page.getByRole('button', { name: 'Back to conversations' }).click();
    await bob.page.getByLabel('How others see you').selectOption('busy');
    await ann.page.locator('#thread-sub', { hasText: 'Do not disturb' }).waitFor();
    await ann.shot('07c-busy');
    await bob.shot('07d-presence-phone-dark');
    await bob.page.getByLabel('How others see you').selectOption('offline');
    await ann.page.locator('#thread-sub', { hasText: 'Last seen' }).waitFor();
    await bob.page.getByLabel('How others see you').selectOption('online');
    await ann.page.locator('#thread-sub', { hasText: 'Online' }).waitFor();
    await bob.entry('ann').click();
  });

  it('keeps what is written between two messages apart by window: a draft stays with its conversation', async () => {
    await ann.page.locator('#text').fill('half a thought');
    await ann.page.locator('#talk-to').fill('cyd');
    await ann.page.locator('#talk-to').press('Enter');
    assert.equal(await ann.page.locator('#text').inputValue(), '');
    await ann.entry('bob').click();
    assert.equal(await ann.page.locator('#text').inputValue(), 'half a thought');
    await ann.ticked('Hello Bob, are you there?', 'read');
    await ann.page.locator('#text').fill('');
  });

  it('makes a group, shows who is in it, adds and removes with a line for each', async () => {
    await ann.page.getByRole('button', { name: 'New group' }).click();
    await ann.page.getByLabel('Name of the group').fill('Trail crew');
    await ann.page.locator('#group-people input[value="bob"]').check();
    await ann.shot('08-new-group');
    await ann.page.getByRole('button', { name: 'Make group' }).click();
    await ann.page.getByRole('heading', { name: 'Trail crew' }).waitFor();
    await ann.write('Saturday at nine?');
    await ann.ticked('Saturday at nine?', ...kept_sent);
    await bob.page.getByRole('button', { name: 'Back to conversations' }).click();
    await bob.entry('Trail crew').click();
    await bob.message('Saturday at nine?').waitFor();
    await bob.write('I bring the coffee.');
    await ann.message('I bring the coffee.').waitFor();
    await ann.page.getByRole('button', { name: 'Members' }).click();
    await ann.page.locator('#member-name').fill('dora');
    await ann.page.locator('#member-name').press('Enter');
    await ann.page.locator('#members-list [data-user="dora"]').waitFor();
    await ann.shot('09-members');
    await bob.page.getByText('ann added dora').waitFor();
    await ann.page.getByRole('button', { name: 'Remove dora' }).click();
    await bob.page.getByText('ann removed dora').waitFor();
    await ann.page.locator('#members-dialog').getByRole('button', { name: 'Close' }).click();
    await ann.shot('10-group');
    await bob.shot('11-group-phone-dark');
  });

  it('counts unread while another conversation is open', async () => {
    await ann.entry('bob').click();
    for (const text of ['One more thing.', 'Rope or no rope?', 'Rope.']) await bob.write(text);
    await ann.page.waitForFunction(() => document.querySelector('.entry.unread .badge')?.textContent.startsWith('3'));
    await ann.shot('12-unread');
    await ann.entry('Trail crew').click();
    await ann.page.locator('.new').waitFor();
    await ann.badge('Trail crew').waitFor({ state: 'detached' });
  });

  it('scrolls back through a long conversation, page after page, without jumping', async () => {
    const eve = await crowd.join({ user: 'eve' });
    for (let i = 1; i <= 180; i += 1) await eve.call('message.send', { to: 'ann', text: `note ${i}` });
    await ann.entry('eve').click();
    await ann.message('note 180').waitFor();
    const at_end = () => ann.page.evaluate(() => { const log = document.getElementById('log'); return log.scrollHeight - log.scrollTop - log.clientHeight; });
    await until(async () => (await at_end()) < 4, 'the newest message is in view');
    await ann.page.evaluate(() => { document.getElementById('log').scrollTop = 300; });
    await ann.page.locator('#to-end').waitFor();
    for (let i = 0; i < 8; i += 1) await ann.page.evaluate(() => { document.getElementById('log').scrollTop = 0; });
    await until(async () => {
      await ann.page.evaluate(() => { document.getElementById('log').scrollTop = 0; });
      return (await ann.page.locator('.start').count()) === 1;
    }, 'the beginning of the conversation');
    assert.deepEqual(await ann.texts(), Array.from({ length: 180 }, (_, i) => `note ${i + 1}`));
    await eve.call('message.send', { to: 'ann', text: 'while you look at old notes' });
    await ann.page.locator('#to-end', { hasText: '1 new' }).waitFor();
    await ann.shot('13-scrolled-back');
    assert.ok((await at_end()) > 500, 'a new message does not pull the reader to the end');
    await ann.page.locator('#to-end').click();
    await until(async () => (await at_end()) < 4, 'the end');
    await ann.message('while you look at old notes').waitFor();
  });

  it('a reload keeps who one is and everything said', async () => {
    await ann.page.reload();
    await ann.ready();
    assert.equal(await ann.page.locator('#my-name').textContent(), 'ann');
    await ann.entry('bob').click();
    await ann.message('Yes, just came in.').waitFor();
    assert.equal((await ann.texts()).length, 3);
    await ann.shot('14-after-reload');
  });

  it('says when the connection is lost, keeps what is written, and sends it once when the server is back', async () => {
    await bob.page.getByRole('button', { name: 'Back to conversations' }).click();
    await bob.entry('ann').click();
    await server.kill9();
    await ann.page.getByText('Connection lost. Reconnecting…').waitFor();
    await ann.write('Written while the server was away');
    await ann.ticked('Written while the server was away', 'pending');
    await ann.shot('15-offline');
    await server.restart();
    await ann.ready();
    await ann.ticked('Written while the server was away', ...kept_sent);
    await bob.ready();
    await bob.message('Written while the server was away').waitFor();
    await bob.write('Got it.');
    await ann.message('Got it.').waitFor();
    for (const window of [ann, bob]) {
      const texts = await window.texts();
      assert.equal(texts.filter((text) => text === 'Written while the server was away').length, 1);
      assert.equal(texts.length, 5);
    }
    await ann.person('bob').waitFor();
    assert.equal(await ann.page.locator('#banner').isVisible(), false);
  });

  it('marks what the server refuses, and sends it again on demand', async () => {
    await ann.write('x'.repeat(20_000));
    await ann.page.locator('.message.failed').waitFor();
    await ann.page.getByText('This is too long.').waitFor();
    await ann.page.getByRole('button', { name: 'Retry' }).scrollIntoViewIfNeeded();
    await ann.shot('16-refused');
    await ann.page.getByRole('button', { name: 'Retry' }).click();
    await ann.page.locator('.message.failed').waitFor();
  });

  it('works by keyboard alone', async () => {
    const dan = await browser.window(server.url, looks.desk_dark);
    await dan.page.keyboard.type('dan');
    await dan.page.keyboard.press('Enter');
    await dan.ready();
    await dan.person('ann').waitFor();
    await dan.person('ann').focus();
    await dan.page.keyboard.press('Enter');
    await dan.page.keyboard.type('Typed without a mouse');
    await dan.page.keyboard.press('Enter');
    await dan.ticked('Typed without a mouse', ...kept_sent);
    await dan.shot('17-dark');
    await ann.badge('dan').waitFor();
    assert.deepEqual(dan.problems, []);
    await dan.close();
    await ann.person('dan').waitFor({ state: 'detached' });
  });

  it('takes a token from the address, and hides it there', async () => {
    const tess = await browser.window(`${server.url}/?token=${await server.token('tess')}`, looks.phone);
    await tess.ready();
    assert.equal(await tess.page.locator('#my-name').textContent(), 'tess');
    assert.equal(new URL(tess.page.url()).search, '');
    await tess.shot('18-phone');
    await tess.close();
    const forger = await browser.window(`${server.url}/?token=no.real.token`);
    await forger.page.getByText('The server does not accept this name or token.').waitFor();
    await forger.shot('19-refused');
    await forger.close();
  });

  it('shows a chat in two windows side by side within ten seconds of the ready line', async () => {
    const own = await Server.start();
    const began = Date.now();
    const [left, right] = await Promise.all([browser.window(own.url), browser.window(own.url)]);
    await Promise.all([left.enter('lea'), right.enter('rio')]);
    await left.person('rio').click();
    await left.write('There you are.');
    await right.entry('lea').click();
    await right.message('There you are.').waitFor();
    assert.ok(Date.now() - began < 10_000, `after ${Date.now() - began} ms`);
    await Promise.all([left.close(), right.close()]);
    await own.stop();
  });

  it('is labelled: every control has a name, every picture an alternative', async () => {
    const nameless = await ann.page.evaluate(() => [...document.querySelectorAll('button, input, textarea')]
      .filter((control) => control.checkVisibility?.() ?? true)
      .filter((control) => !(control.getAttribute('aria-label') || control.labels?.length || control.textContent.trim()))
      .map((control) => control.outerHTML.slice(0, 120)));
    assert.deepEqual(nameless, []);
    assert.doesNotMatch(await (await fetch(server.url)).text(), /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i, 'nothing inline, for a strict content policy');
  });

  it('nothing was complained about on the console but the lost connection', async () => {
    const real = [...ann.problems, ...bob.problems].filter((text) => !/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection to|ERR_INCOMPLETE_CHUNKED/.test(text));
    assert.deepEqual(real, []);
  });
});
