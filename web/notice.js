// A word to the user that asks for nothing: it goes by itself, or when dismissed.
import { at, set_text } from './dom.js';

const shown_ms = 8_000;

export class Notice {
  constructor() { at('notice-close').addEventListener('click', () => this.hide()); }

  say(text) {
    clearTimeout(this.timer);
    at('notice').hidden = false;
    set_text(at('notice-text'), text);
    this.timer = setTimeout(() => this.hide(), shown_ms);
  }

  hide() { clearTimeout(this.timer); at('notice').hidden = true; }
}
