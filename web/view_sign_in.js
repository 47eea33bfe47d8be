// The first screen: a name, or a token.
import { at, h, set_text } from './dom.js';
import { recent_names } from './memory.js';

export class SignInView {
  /** `enter({name} | {token})`; `token` was given in the address. */
  constructor(enter, token) {
    this.enter = enter;
    this.given = token;
    at('sign-in-form').addEventListener('submit', (event) => { event.preventDefault(); this.#submit(); });
    at('token-note').hidden = !token;
    at('name-field').hidden = Boolean(token);
    at('token-details').hidden = Boolean(token);
  }

  show(problem) {
    document.body.dataset.screen = 'sign-in';
    at('app').hidden = true;
    at('sign-in').hidden = false;
    this.busy(false);
    this.#problem(problem);
    at('recent-names').replaceChildren(...recent_names().map((name) => h('button', { type: 'button', class: 'chip', onclick: () => this.enter({ name }) }, name)));
    if (!this.given) at('name').focus();
  }

  hide() {
    at('sign-in').hidden = true;
    at('app').hidden = false;
    document.body.dataset.screen = 'chat';
  }

  busy(is) {
    at('enter').disabled = is;
    set_text(at('enter'), is ? 'Connecting…' : 'Enter');
  }

  /** The server wants to know more than a name. */
  ask_token() { at('token-details').open = true; at('token').focus(); }

  #problem(text) {
    at('sign-in-error').hidden = !text;
    set_text(at('sign-in-error'), text ?? '');
  }

  #submit() {
    const token = this.given ?? at('token').value.trim();
    const name = at('name').value.trim();
    if (!token && !name) { this.#problem('Please pick a name.'); at('name').focus(); return; }
    this.#problem();
    this.busy(true);
    this.enter(token ? { token } : { name });
  }
}
