// Headless Chromium and the chat page in it, by what a person does.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { default_deadline_ms } from './deadline.mjs';

const shots = resolve(dirname(fileURLToPath(import.meta.url)), '../browser/shots');
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const looks = {
  desk: { viewport: { width: 1120, height: 720 }, colorScheme: 'light' },
  desk_dark: { viewport: { width: 1120, height: 720 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 780 }, colorScheme: 'light', isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  phone_dark: { viewport: { width: 390, height: 780 }, colorScheme: 'dark', isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

export class Browser {
  static async open() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'kith-chromium-'));
    browser.chromium = await chromium.launch({ executablePath: process.env.KITH_TEST_CHROMIUM || '/usr/bin/chromium', args: flags, env: { ...process.env, HOME: browser.profile } });
    mkdirSync(shots, { recursive: true });
    return browser;
  }

  /** A window with storage of its own. What the page says on its console as a problem is kept. */
  async window(url, look = looks.desk) {
    const context = await this.chromium.newContext({ ...look, locale: 'en-GB' });
    context.setDefaultTimeout(default_deadline_ms);
    const page = await context.newPage();
    const window = new Window(page);
    page.on('pageerror', (error) => window.problems.push(String(error.stack ?? error)));
    page.on('console', (said) => { if (said.type() === 'error' || said.type() === 'warning') window.problems.push(said.text()); });
    await page.goto(url);
    return window;
  }

  async close() { await this.chromium.close(); rmSync(this.profile, { recursive: true, force: true }); }
}

export class Window {
  constructor(page) { this.page = page; this.problems = []; }

  async enter(name) {
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByRole('button', { name: 'Enter', exact: true }).click();
    await this.ready();
  }

  ready() { return this.page.waitForSelector('#app:not([hidden]) #sidebar[data-status="online"]', { state: 'attached' }); }
  person(user) { return this.page.locator(`#here [data-user="${user}"]`); }
  entry(title) { return this.page.locator('#list .entry', { has: this.page.locator('.entry-title', { hasText: new RegExp(`^${title}$`) }) }); }
  badge(title) { return this.entry(title).locator('.badge'); }
  message(text) { return this.page.locator('#rows .message', { has: this.page.locator('.text', { hasText: text }) }); }

  async write(text) {
    await this.page.locator('#text').fill(text);
    await this.page.locator('#text').press('Enter');
  }

  /** The own message is on screen with this tick: pending, sent, delivered, read, failed; several may be named. */
  async ticked(text, ...states) {
    await this.page.waitForFunction(([wanted, allowed]) => [...document.querySelectorAll('#rows .message.mine')].some((row) => row.querySelector('.text').textContent === wanted && allowed.includes(row.dataset.state)), [text, states]);
  }

  texts() { return this.page.locator('#rows .message .text').allTextContents(); }
  shot(name) { return this.page.screenshot({ path: join(shots, `${name}.png`) }); }
  async close() { await this.page.context().close(); }
}
