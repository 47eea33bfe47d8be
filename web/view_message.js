// One row of a thread as nodes.
import { h, picture } from './dom.js';
import { time_of, tint } from './format.js';
import { attachment_of, parts_of } from './links.js';

const ticks = {
  pending: ['M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z', 'Sending'],
  sent: ['M5 13l4 4L19 7', 'Sent'],
  delivered: ['M2 13l4 4L16 7M11 15.5l1.5 1.5L22.5 7', 'Delivered'],
  read: ['M2 13l4 4L16 7M11 15.5l1.5 1.5L22.5 7', 'Read'],
};

const link = (href, more, ...children) => h('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow', ...more }, ...children);

function tick_of(tick) {
  const [path, label] = ticks[tick];
  const node = picture(path, label);
  node.setAttribute('class', `tick ${tick}`);
  return node;
}

function attachment_node(attachment) {
  const { name, about, href } = attachment_of(attachment);
  const inside = [picture('M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.7 17.2a1.6 1.6 0 0 1-2.3-2.3L15 7.3'),
    h('span', { class: 'file-text' }, h('bdi', { class: 'file-name' }, name), about && h('span', { class: 'file-about' }, about))];
  return h('li', {}, href ? link(href, { class: 'file' }, ...inside) : h('span', { class: 'file' }, ...inside));
}

/** What is answered; a button where it can be shown. */
function quote_node({ name, text, seq, here }, jump) {
  const inside = [name && h('span', { class: 'quote-name' }, h('bdi', {}, name)), h('span', { class: 'quote-text', dir: 'auto' }, text)];
  return here ? h('button', { type: 'button', class: 'quote', 'data-focus': 'quote', onclick: () => jump(seq) }, h('span', { class: 'hidden', dir: 'ltr' }, 'In reply to '), ...inside)
    : h('div', { class: 'quote' }, h('span', { class: 'hidden', dir: 'ltr' }, 'In reply to '), ...inside);
}

function text_node(item) {
  if (!item.text) return item.attachments?.length ? undefined : h('span', { class: 'text quiet' }, 'A message this page can not show.');
  return h('span', { class: 'text' }, ...parts_of(item.text).map(({ text, href }) => (href ? link(href, {}, text) : text)));
}

/** `on` = {retry(client_id), discard(client_id), jump(seq)}. */
export function message_node({ item, mine, first, last, named, name, tick, quote, answer }, on) {
  const failed = tick === 'failed';
  // Its direction is that of its text: names and what is hidden have one of their own.
  const bubble = h('div', { class: 'bubble', dir: 'auto' },
    named && h('div', { class: `sender tint-${tint(name)}` }, h('bdi', {}, name)),
    h('span', { class: 'hidden', dir: 'ltr' }, mine ? 'You: ' : named ? '' : `${name}: `),
    quote && quote_node(quote, on.jump),
    text_node(item),
    item.attachments?.length > 0 && h('ul', { class: 'files' }, ...item.attachments.map(attachment_node)),
    h('span', { class: 'meta' }, h('time', { datetime: item.ts }, time_of(item.ts)), mine && !failed && tick_of(tick)),
    answer && h('button', { type: 'button', class: 'reply', tabindex: '-1', 'data-focus': 'reply', 'aria-label': mine ? 'Reply to yourself' : `Reply to ${name}`, title: 'Reply', onclick: answer }, picture('M10 6l-5 5 5 5M5 11h8a6 6 0 0 1 6 6v1')));
  const row = h('li', {
    class: ['message', mine && 'mine', first && 'first', last && 'last', failed && 'failed'].filter(Boolean).join(' '),
    'data-id': item.id, 'data-client-id': item.client_id, 'data-seq': item.seq, 'data-state': tick,
  }, bubble);
  if (failed) {
    row.append(h('div', { class: 'failure small', role: 'alert' }, `Not sent${item.problem ? `: ${item.problem}` : '.'} `,
      h('button', { type: 'button', class: 'inline', 'data-focus': 'retry', onclick: () => on.retry(item.client_id) }, 'Retry'),
      h('button', { type: 'button', class: 'inline', onclick: () => on.discard(item.client_id) }, 'Delete')));
  } else if (tick === 'pending' && item.problem) {
    row.append(h('div', { class: 'delay small quiet', role: 'status' }, `${item.problem.replace(/ Try again in a moment\.$/, '')} It is sent by itself in a moment.`));
  }
  return row;
}
