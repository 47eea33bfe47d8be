import assert from 'node:assert/strict';
import test from 'node:test';
import { Panes } from '../../web/panes.js';

/** A browser's history of this page; `back` is also the button of the browser. */
function browser({ narrow }) {
  const target = new EventTarget();
  const states = [null];
  const history = {
    get state() { return states.at(-1); },
    pushState: (state) => states.push(state),
    back: () => { states.pop(); target.dispatchEvent(new Event('popstate')); },
  };
  const seen = { closed: 0 };
  const panes = new Panes({ narrow: () => narrow, history, closed: () => { seen.closed += 1; }, target });
  return { panes, history, states, seen };
}

test('with one pane an open conversation is one step, which the browser takes back', () => {
  const { panes, history, states, seen } = browser({ narrow: true });
  panes.opened();
  panes.opened();
  assert.equal(states.length, 2);
  history.back();
  assert.equal(seen.closed, 1);
  assert.equal(states.length, 1);
});

test('the way back of the page takes the same step', () => {
  const { panes, states, seen } = browser({ narrow: true });
  panes.opened();
  panes.back();
  assert.deepEqual([seen.closed, states.length], [1, 1]);
  panes.gone();
  assert.equal(states.length, 1);
});

test('with two panes there is no step, and back closes', () => {
  const { panes, states, seen } = browser({ narrow: false });
  panes.opened();
  assert.equal(states.length, 1);
  panes.back();
  assert.equal(seen.closed, 1);
});
