// What the page shows when things go wrong: no server, not let in, too fast, too long, refused; and what is shared beside text.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser, looks } from '../support/browser.mjs';
import { Crowd } from '../support/clients.mjs';
import { until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

let browser;
before(async () => { browser = await Browser.open(); });
after(() => browser.close());

describe('without a server', () => {
  let server;
  let ann;
  before(async () => { server = await Server.start(); ann = await browser.window(server.url); });
  after(async () => { await ann.close(); await server.stop(); });

  it('says so at the door, and can be told to stop trying', async () => {
    await server.kill9();
    await ann.page.getByLabel('Your name').fill('ann');
    await ann.page.getByLabel('Your name').press('Enter');
    await ann.page.getByText('The server does not answer. Trying again…').waitFor();
    assert.equal(await ann.focused(), 'cancel');
    await ann.shot('40-no-server');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.keyboard.press('Enter');
    assert.equal(await ann.focused(), 'name');
    assert.equal(await ann.page.getByLabel('Your name').inputValue(), 'ann');
  });

  it('goes in by itself when the server is there', async () => {
    await ann.page.getByLabel('Your name').press('Enter');
    await ann.page.getByText('The server does not answer. Trying again…').waitFor();
    await server.restart();
    await ann.ready();
  });

  it('tells a restart from a lost connection, and tries at once when asked', async () => {
    await server.stop({ keep_data: true });
    await ann.page.getByText('The server restarts. You are back in a moment…').waitFor();
    await ann.page.locator('#banner').getByRole('button', { name: 'Try now' }).waitFor();
    await ann.shot('41-restart');
    assert.deepEqual(await ann.complaints(), []);
    await server.restart();
    await ann.page.locator('#try-now').dispatchEvent('click');   // it may be back by itself before
    await ann.ready();
    await ann.page.locator('#banner').waitFor({ state: 'hidden' });
  });
});

describe('what is refused', () => {
  let server;
  let ann;
  before(async () => {
    server = await Server.start({ env: { KITH_LIMITS_USER_MESSAGES_PER_S: '1' } });
    ann = await browser.window(server.url);
    await ann.enter('ann');
  });
  after(async () => { await ann.close(); await server.stop(); });

  it('is marked, with a way to try again and one to give up', async () => {
    await ann.page.getByLabel('Talk to someone by name').fill('zoe\u0001');
    await ann.page.getByLabel('Talk to someone by name').press('Enter');
    await ann.write('Is anybody there?');
    await ann.page.locator('.message.failed').waitFor();
    await ann.page.getByText('1 to 64').waitFor();
    await ann.shot('42-refused');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.getByRole('button', { name: 'Retry' }).click();
    await ann.page.locator('.message.failed').waitFor();
    await ann.page.locator('.message.failed').getByRole('button', { name: 'Delete' }).click();
    await ann.page.locator('.message').waitFor({ state: 'detached' });
  });

  it('too long is said before it is sent, and nothing is lost', async () => {
    await ann.page.getByLabel('Talk to someone by name').fill('bob');
    await ann.page.getByLabel('Talk to someone by name').press('Enter');
    await ann.page.locator('#text').fill('x'.repeat(16_380));
    await ann.page.getByText('4 left').waitFor();
    await ann.page.locator('#text').fill('x'.repeat(16_400));
    await ann.page.getByText('Too long by 16.').waitFor();
    assert.ok(await ann.page.getByRole('button', { name: 'Send' }).isDisabled());
    await ann.page.locator('#text').press('Enter');
    assert.equal((await ann.page.locator('#text').inputValue()).length, 16_400);
    await ann.shot('43-too-long');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.locator('#text').fill('');
    assert.equal(await ann.page.locator('#text-note').isVisible(), false);
  });

  it('too fast waits, says so, keeps the order, and outlives a reload', async () => {
    const texts = ['one', 'two', 'three', 'four'];
    for (const text of texts) await ann.write(text);
    await ann.page.locator('.delay', { hasText: 'Too fast. It is sent by itself in a moment.' }).first().waitFor();
    await ann.shot('44-too-fast');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.reload();
    await ann.ready();
    await ann.entry('bob').click();
    for (const text of texts) await ann.ticked(text, 'sent', 'delivered');
    assert.deepEqual(await ann.texts(), texts);
    assert.equal(await ann.page.locator('.delay').count(), 0);
  });
});

describe('what comes', () => {
  let server;
  let crowd;
  let ann;
  let bob;
  let cid;
  before(async () => {
    server = await Server.start();
    crowd = new Crowd(server.url);
    ann = await browser.window(server.url);
    await ann.enter('ann');
    bob = await crowd.join({ user: 'bob' });
  });
  after(async () => { crowd.close(); await ann.close(); await server.stop(); });

  it('files shared by address are links, what could run is not', async () => {
    ({ cid } = await bob.call('message.send', {
      to: 'ann', text: 'The map, see also https://example.org/ridge_(north). And <script>alert(1)</script>',
      attachments: [{ url: 'https://files.example/a/ridge%20map.pdf', mime: 'application/pdf', bytes: 1_234_567, name: 'Ridge map.pdf' }, { url: 'https://files.example/p.jpg', mime: 'image/jpeg', width: 1600, height: 900 }],
    }));
    await ann.entry('bob').click();
    await ann.message('The map').waitFor();
    assert.deepEqual(await ann.page.locator('#rows a').evaluateAll((all) => all.map((a) => [a.href, a.rel, a.target])), [
      ['https://example.org/ridge_(north)', 'noopener noreferrer nofollow', '_blank'],
      ['https://files.example/a/ridge%20map.pdf', 'noopener noreferrer nofollow', '_blank'], ['https://files.example/p.jpg', 'noopener noreferrer nofollow', '_blank']]);
    assert.equal(await ann.page.locator('#rows img').count(), 0, 'nothing is fetched from elsewhere');
    await ann.page.getByText('application/pdf · 1.2 MB').waitFor();
  });

  it('an answer shows what it answers, and leads there', async () => {
    const { messages } = await bob.call('message.history', { cid });
    for (let i = 1; i <= 30; i += 1) await bob.call('message.send', { cid, text: `Step ${i} of the way up.` });
    await bob.call('message.send', { cid, text: 'As I said.', reply_to: messages[0].seq });
    await bob.call('message.send', { cid, text: 'Long ago.', reply_to: 9_999 });
    await ann.message('Long ago.').waitFor();
    await ann.page.getByText('An earlier message').waitFor();
    await ann.shot('45-answers');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.getByRole('button', { name: /^In reply to bob/ }).click();
    await ann.page.locator('.pointed', { hasText: 'The map' }).waitFor();
    assert.ok(await ann.page.locator('.pointed').evaluate((row) => { const box = row.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }));
    await ann.shot('46-links');
  });

  it('any message can be replied to, by mouse and by keys', async () => {
    await ann.page.locator('#to-end').click();
    const row = ann.message('Step 30 of the way up.');
    await row.hover();
    await row.getByRole('button', { name: 'Reply to bob' }).click();
    assert.equal(await ann.focused(), 'text');
    await ann.page.locator('#reply', { hasText: 'Step 30 of the way up.' }).waitFor();
    await ann.shot('46b-replying');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#reply').waitFor({ state: 'hidden' });
    assert.ok(await ann.page.locator('#log').isVisible(), 'Escape gives up the reply, not the conversation');
    const stop = ann.page.locator('#rows .reply[tabindex="0"]');
    assert.equal(await stop.count(), 1);
    await stop.focus();
    for (const key of ['End', 'ArrowUp', 'Enter']) await ann.page.keyboard.press(key);
    await ann.page.locator('#reply', { hasText: 'As I said.' }).waitFor();
    await ann.write('You did.');
    await ann.ticked('You did.', 'sent', 'delivered', 'read');
    await ann.message('You did.').locator('.quote', { hasText: 'As I said.' }).waitFor();
    assert.equal(await ann.page.locator('#reply').isVisible(), false);
    const { messages } = await bob.call('message.history', { cid });
    assert.equal(messages.at(-1).reply_to, messages.find(({ text }) => text === 'As I said.').seq);
  });

  it('a message of a kind this page does not know does not break it', async () => {
    await bob.call('message.send', { cid, type: 'poll', custom: { question: '?' } });
    await ann.page.getByText('A message this page can not show.').waitFor();
    assert.deepEqual(ann.problems, []);
  });

  it('a thousand messages are read back, page after page, and the newest is one click away', async () => {
    const dan = await crowd.join({ user: 'dan' });
    for (let from = 0; from < 1_000; from += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => dan.call('message.send', { to: 'ann', text: `note ${from + i + 1}` })));
    await ann.entry('dan').click();
    await ann.message('note 1000').waitFor();
    await until(async () => {
      await ann.page.evaluate(() => { document.getElementById('log').scrollTop = 0; });
      return (await ann.page.locator('.start').count()) === 1;
    }, 'the beginning of a thousand messages', 60_000);
    assert.equal(await ann.page.locator('#rows .message').count(), 1_000);
    await ann.shot('47-thousand');
    await ann.page.locator('#to-end').click();
    await until(() => ann.page.evaluate(() => { const log = document.getElementById('log'); return log.scrollHeight - log.scrollTop - log.clientHeight < 4; }), 'the end');
    await ann.write('And one of mine.');
    await ann.ticked('And one of mine.', 'sent', 'delivered', 'read');
  });
});

describe('what the application does', () => {
  let server;
  let crowd;
  let ann;
  let ask;
  before(async () => {
    server = await Server.start();
    crowd = new Crowd(server.url);
    ann = await browser.window(server.url);
    await ann.enter('ann');
    const key = /sk_\S+/.exec(await server.run('app', 'key', 'add', 'default', '--kind', 'server'))[0];
    ask = (method, path, { body, as } = {}) => fetch(`${server.url}/v1${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(as ? { 'on-behalf-of': as } : {}), 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  });
  after(async () => { crowd.close(); await ann.close(); await server.stop(); });

  it('a note of it is a line between the messages, of nobody, and not counted', async () => {
    const bob = await crowd.join({ user: 'bob' });
    const { cid } = await bob.call('message.send', { to: 'ann', text: 'Shall I call?' });
    await ann.badge('bob').waitFor();
    assert.equal((await ask('POST', `/conversations/${cid}/messages`, { as: 'bob', body: { type: 'system.call', text: 'The call has ended.' } })).status, 201);
    await ann.page.locator('#list .entry-line', { hasText: /^The call has ended\.$/ }).waitFor();
    await ann.entry('bob').getByText('1 unread message').waitFor({ state: 'attached' });
    await ann.entry('bob').click();
    await ann.page.locator('.line', { hasText: 'The call has ended.' }).waitFor();
    assert.deepEqual(await ann.texts(), ['Shall I call?']);
    await ann.badge('bob').waitFor({ state: 'detached' });
    await ann.shot('48-note');
    assert.deepEqual(await ann.complaints(), []);
  });

  it('who was signed out by it stands at the door, and is told so', async () => {
    assert.equal((await ask('DELETE', '/users/ann/sessions')).status, 200);
    await ann.page.getByText('You were signed out by the server.').waitFor();
    assert.equal(await ann.page.locator('#app').isVisible(), false);
    await ann.shot('49-signed-out');
    assert.deepEqual(await ann.complaints(), []);
    await ann.page.reload();
    await ann.page.getByLabel('Your name').waitFor();
    assert.equal(await ann.page.locator('#app').isVisible(), false);
  });
});

describe('names and words of every shape', () => {
  let server;
  let crowd;
  before(async () => { server = await Server.start(); crowd = new Crowd(server.url); });
  after(async () => { crowd.close(); await server.stop(); });
  const long = 'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren-Gertrude';
  const arabic = 'نور الهدى';

  for (const [name, look] of Object.entries({ desk: looks.desk, narrow: looks.narrow, dark: looks.phone_dark })) {
    it(`stay in their places (${name})`, async () => {
      const me = `me-${name}`;
      const window = await browser.window(server.url, look);
      await window.enter(me);
      const one = await crowd.join({ user: long.slice(0, 64) });
      const two = await crowd.join({ user: arabic });
      await one.call('message.send', { to: me, text: `${'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(4)} https://example.org/${'a'.repeat(200)}` });
      await two.call('message.send', { to: me, text: 'مرحبا! كيف حالك؟ هل نلتقي يوم السبت (الساعة 9:00)?' });
      const { cid } = await two.call('conversation.create', { kind: 'group', title: `${long} ${long}`, members: [me, long.slice(0, 64)] });
      await two.call('message.send', { cid, text: 'سطر أول\nline two\nשורה שלישית' });
      await one.call('message.send', { cid, text: 'ok '.repeat(3) });
      await window.entry(arabic).waitFor();
      await window.page.locator('#list .entry').nth(2).waitFor();
      assert.equal(await window.overflow(), 0);
      await window.shot(`50-shapes-list-${name}`);
      assert.deepEqual(await window.complaints(), []);
      for (const [nth, title] of [[0, 'group'], [1, 'right-to-left'], [2, 'long']]) {
        await window.page.locator('#list .entry').nth(nth).click();
        await window.page.locator('#rows .message').first().waitFor();
        assert.equal(await window.overflow(), 0, title);
        const wide = await window.page.evaluate(() => [...document.querySelectorAll('#thread *')].filter((node) => node.checkVisibility() && node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.className || node.id));
        assert.deepEqual(wide, [], title);
        const box = await window.page.locator('#text').boundingBox();
        assert.ok(box.height > 36 && box.height < 60, `the empty box is one line high: ${box.height}`);
        await window.shot(`51-shapes-${title}-${name}`);
        if (nth === 0) {
          await window.page.getByRole('button', { name: 'Group and members' }).click();
          await window.page.locator('#members-list li').nth(2).waitFor();
          await window.shot(`52-shapes-members-${name}`);
          assert.deepEqual(await window.complaints(), []);
          await window.page.keyboard.press('Escape');
        }
        await window.page.locator('#text').press('Escape');
      }
      const rtl = await window.page.evaluate(() => getComputedStyle(document.querySelector('#list .entry-title')).direction);
      assert.ok(rtl);
      assert.deepEqual(window.problems, []);
      await window.close();
    });
  }
});
