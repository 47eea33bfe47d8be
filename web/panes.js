// Where one pane is shown at a time, an open conversation is a step of the browser's history: its back button leads to the list.

export class Panes {
  /** `narrow()` one pane at a time? · `history` of the window · `closed()` the step was taken back. */
  constructor({ narrow, history, closed, target }) {
    Object.assign(this, { narrow, history, closed });
    target.addEventListener('popstate', () => { if (!this.#stepped()) this.closed(); });
  }

  #stepped() { return this.history.state?.pane === 'thread'; }

  opened() { if (this.narrow() && !this.#stepped()) this.history.pushState({ pane: 'thread' }, ''); }

  /** The page's own way back; `closed` follows. */
  back() { if (this.#stepped()) this.history.back(); else this.closed(); }

  /** The conversation went away by itself. */
  gone() { if (this.#stepped()) this.history.back(); }
}
