// The first screen: a name, or a token; and while the server does not answer.
import { at, h, set_text } from './dom.js';
import { recent_names } from './memory.js';

export class SignInView {
  /** `enter({name} | {token})`; `cancel()` while it is under way; `token` was given in the address. */
  constructor({ enter, cancel }, token) {
    this.enter = enter;
    this.given = token;
    at('sign-in-form').addEventListener('submit', (event) => { event.preventDefault(); this.#submit(); });
    at('cancel').addEventListener('click', () => cancel());
  }

  show(problem) {
    document.body.dataset.screen = 'sign-in';
    at('app').hidden = true;
    at('sign-in').hidden = false;
    this.#busy(false);
    this.#problem(problem);
    at('recent-names').replaceChildren(...recent_names().map((name) => h('button', { type: 'button', class: 'chip', onclick: () => this.enter({ name }) }, h('bdi', {}, name))));
    if (this.given) at('enter').focus(); else at('name').focus();
  }

  hide() {
    at('sign-in').hidden = true;
    at('app').hidden = false;
    document.body.dataset.screen = 'chat';
  }

  /** Under way as somebody. */
  connecting({ name }) {
    this.#problem();
    this.#busy(true);
    this.#wait(name ? `Connecting as ${name}…` : 'Connecting…');
  }

  /** The server does not answer, and is asked again. */
  waiting(text) { this.#wait(text); }

  /** The server wants to know more than a name. */
  ask_token() { at('token-details').open = true; at('token').focus(); }

  #wait(text) {
    at('sign-in-waiting').hidden = !text;
    set_text(at('sign-in-waiting'), text ?? '');
  }

  #busy(is) {
    at('token-note').hidden = is || !this.given;
    at('sign-in-lead').hidden = is;
    at('name-field').hidden = is || Boolean(this.given);
    at('token-details').hidden = is || Boolean(this.given);
    at('enter').hidden = is;
    at('cancel').hidden = !is;
    if (is) at('cancel').focus(); else this.#wait();
  }

  #problem(text) {
    at('sign-in-error').hidden = !text;
    set_text(at('sign-in-error'), text ?? '');
    at('name').setAttribute('aria-invalid', String(Boolean(text)));
  }

  #submit() {
    const token = this.given ?? at('token').value.trim();
    const name = at('name').value.trim();
    if (!token && !name) { this.#problem('Please pick a name.'); at('name').focus(); return; }
    this.enter(token ? { token } : { name });
  }
}
