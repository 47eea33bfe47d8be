// Headless Chromium and the chat page in it, by what a person does.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { default_deadline_ms } from './deadline.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const shots = join(root, 'build/screenshots');
// While the page is worked on: its files from a folder (KITH_TEST_WEB=web), not those in the binary.
const web = process.env.KITH_TEST_WEB && resolve(root, process.env.KITH_TEST_WEB);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const looks = {
  desk: { viewport: { width: 1120, height: 720 }, colorScheme: 'light' },
  desk_dark: { viewport: { width: 1120, height: 720 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 780 }, colorScheme: 'light', isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  narrow: { viewport: { width: 320, height: 568 }, colorScheme: 'light', isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  phone_dark: { viewport: { width: 390, height: 780 }, colorScheme: 'dark', isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

function from_folder(route) {
  const { pathname } = new URL(route.request().url());
  const file = join(web, pathname === '/' ? 'index.html' : pathname);
  return existsSync(file) ? route.fulfill({ path: file }) : route.fallback();
}

export class Browser {
  static async open() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'kith-chromium-'));
    browser.chromium = await chromium.launch({ executablePath: process.env.KITH_TEST_CHROMIUM || '/usr/bin/chromium', args: web ? [...flags, '--disable-features=LocalNetworkAccessChecks'] : flags, env: { ...process.env, HOME: browser.profile } });
    mkdirSync(shots, { recursive: true });
    return browser;
  }

  /** A window with storage of its own. What the page says on its console as a problem is kept. */
  async window(url, look = looks.desk) {
    const context = await this.chromium.newContext({ ...look, locale: 'en-GB' });
    context.setDefaultTimeout(default_deadline_ms);
    if (web) await context.route((url) => !url.searchParams.has('EIO'), from_folder);
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

  /** What a screen reader would stumble over, and text too faint to read: one line each. Rules of axe-core, WCAG 2.2 A and AA. */
  async complaints() {
    await this.page.evaluate(axe);
    await this.page.evaluate(() => { for (const moving of document.getAnimations()) if (moving.effect.getComputedTiming().endTime !== Infinity) moving.finish(); });
    const found = await this.page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.any[0]?.message ?? node.failureSummary}`));
  }

  /** Id of what has the focus, the conversation or user it stands for, or its name. */
  focused() { return this.page.evaluate(() => { const it = document.activeElement; return it.id || it.dataset.cid || it.dataset.user || it.getAttribute('aria-label') || it.textContent.trim(); }); }

  /** How far anything reaches beyond the window's side: 0. */
  overflow() { return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth); }

  texts() { return this.page.locator('#rows .message .text').allTextContents(); }
  shot(name) { return this.page.screenshot({ path: join(shots, `${name}.png`), animations: 'disabled' }); }
  async close() { await this.page.context().close(); }
}
