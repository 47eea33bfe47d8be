// What is being written: one draft for each conversation, as high as its text, no longer than the server takes.
import { at, set_text } from './dom.js';
import { room_for } from './format.js';

const height_max_px = 160;

export class Composer {
  /** `on` = {send(text), wrote(text)}. */
  constructor(on) {
    this.on = on;
    this.drafts = new Map();
    this.bytes_max = undefined;
    at('compose').addEventListener('submit', (event) => { event.preventDefault(); this.#send(); });
    at('text').addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#send(); }
    });
    at('text').addEventListener('input', () => { this.#fit(); this.on.wrote(at('text').value); });
  }

  /** Another conversation (or none) than before: its draft. `became`: the same one under another key. */
  turn_to(key, became) {
    if (key === this.key) return;
    if (!became) {
      if (this.key) this.drafts.set(this.key, at('text').value);
      at('text').value = this.drafts.get(key) ?? '';
    }
    this.key = key;
    this.#fit();
  }

  draw({ title, bytes_max, may_send }) {
    this.bytes_max = bytes_max;
    at('compose').hidden = !may_send;
    at('compose-note').hidden = may_send;
    at('text').placeholder = `Message ${title}`;
    set_text(at('text').labels[0], `Message ${title}`);
  }

  /** On a screen for fingers the keyboard comes when it is wanted. */
  focus() {
    const fingers = globalThis.matchMedia('(pointer: coarse)').matches;
    (fingers || at('compose').hidden ? at('log') : at('text')).focus({ preventScroll: true });
  }

  forget() { this.drafts.clear(); this.key = undefined; at('text').value = ''; this.#fit(); }

  #send() {
    const text = at('text').value.replace(/\s+$/u, '');
    if (!text.trim() || room_for(text, this.bytes_max).left < 0) return;
    at('text').value = '';
    this.#fit();
    this.on.send(text);
  }

  #fit() {
    const box = at('text');
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, height_max_px)}px`;
    box.style.overflowY = box.scrollHeight > height_max_px ? 'auto' : 'hidden';
    this.#count(room_for(box.value.trimEnd(), this.bytes_max));
  }

  #count({ left, near }) {
    const over = left < 0;
    at('text-note').hidden = !near;
    at('text-note').classList.toggle('problem', over);
    set_text(at('text-note'), !near ? '' : over ? `Too long by ${-left}. Shorten it, or send it in parts.` : `${left} left`);
    at('text').setAttribute('aria-invalid', String(over));
    at('send').disabled = over;
    if (over && !this.over) set_text(at('announce'), 'This message is too long.');
    this.over = over;
  }
}
