// What is being written and what it answers: one draft for each conversation, as high as its text, no longer than the server takes.
import { at, set_text } from './dom.js';
import { room_for } from './format.js';

const height_max_px = 160;

export class Composer {
  /** `on` = {send(text, reply_to), wrote(text)}. */
  constructor(on) {
    this.on = on;
    this.drafts = new Map();
    this.answers = new Map();   // key → {seq, name, text} of the message that is answered
    this.bytes_max = undefined;
    at('compose').addEventListener('submit', (event) => { event.preventDefault(); this.#send(); });
    at('reply-cancel').addEventListener('click', () => { this.answer(undefined); at('text').focus(); });
    at('text').addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing && this.answers.has(this.key)) { event.stopPropagation(); this.answer(undefined); }
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
    this.#show_answer();
    this.#fit();
  }

  /** What is written answers this message: {seq, name, text}; undefined: none. */
  answer(to) {
    if (to) this.answers.set(this.key, to); else this.answers.delete(this.key);
    this.#show_answer();
    if (!to) return;
    at('text').focus({ preventScroll: true });
    set_text(at('announce'), `Replying to ${to.name}`);
  }

  #show_answer() {
    const to = this.answers.get(this.key);
    at('reply').hidden = !to;
    set_text(at('reply-name'), to?.name ?? '');
    set_text(at('reply-text'), to?.text ?? '');
  }

  draw({ title, bytes_max }) {
    this.bytes_max = bytes_max;
    const hidden = at('compose').hidden;
    at('compose').hidden = false;
    if (hidden) this.#fit();   // what is hidden has no height
    at('text').placeholder = `Message ${title}`;
    set_text(at('text').labels[0], `Message ${title}`);
  }

  /** On a screen for fingers the keyboard comes when it is wanted. */
  focus() {
    const fingers = globalThis.matchMedia('(pointer: coarse)').matches;
    (fingers ? at('log') : at('text')).focus({ preventScroll: true });
  }

  forget() { this.drafts.clear(); this.answers.clear(); this.key = undefined; at('text').value = ''; this.#show_answer(); this.#fit(); }

  #send() {
    const text = at('text').value.replace(/\s+$/u, '');
    if (!text.trim() || room_for(text, this.bytes_max).left < 0) return;
    at('text').value = '';
    this.#fit();
    const reply_to = this.answers.get(this.key)?.seq;
    this.answer(undefined);
    this.on.send(text, reply_to);
  }

  #fit() {
    const box = at('text');
    box.style.height = 'auto';
    if (box.value) box.style.height = `${Math.min(box.scrollHeight + 2, height_max_px)}px`;   // a long placeholder makes no room
    box.style.overflowY = box.value && box.scrollHeight > height_max_px ? 'auto' : 'hidden';
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
