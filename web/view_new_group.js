// Making a group.
import { candidates, show_problem, split_names } from './dialogs.js';
import { at, avatar_of, h } from './dom.js';
import { refusal } from './format.js';
import { name_of } from './inbox.js';

export class NewGroupView {
  /** `session()` the present one · `made(cid)`. */
  constructor(session, made) {
    Object.assign(this, { session, made });
    at('new-group').addEventListener('click', () => this.#open());
    at('group-name').addEventListener('input', () => show_problem('group-error'));
    at('group-form').addEventListener('submit', (event) => { event.preventDefault(); this.#make(); });
  }

  #open() {
    const session = this.session();
    at('group-form').reset();
    show_problem('group-error');
    at('group-people').replaceChildren(...candidates(session).map((user) => {
      const name = name_of(session.inbox, user);
      return h('li', {}, h('label', {}, h('input', { type: 'checkbox', name: 'member', value: user }), avatar_of(name), h('bdi', {}, name)));
    }));
    at('group-dialog').showModal();
    at('group-name').focus();
  }

  async #make() {
    const title = at('group-name').value.trim();
    if (!title) { show_problem('group-error', 'A group needs a name.'); at('group-name').focus(); return; }
    const ticked = [...at('group-people').querySelectorAll('input:checked')].map((box) => box.value);
    const members = [...new Set([...ticked, ...split_names(at('group-others').value)])];
    at('group-make').disabled = true;
    show_problem('group-error');
    try {
      const cid = await this.session().groups.create(title, members);
      at('group-dialog').close();
      this.made(cid);
    } catch (error) {
      show_problem('group-error', refusal(error));
    } finally {
      at('group-make').disabled = false;
    }
  }
}
