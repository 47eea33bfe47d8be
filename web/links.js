// Addresses in what people write, and files shared by address. Pure. Only http and https become links: an address is somebody else's text.

const address = /https?:\/\/[^\s<>"]+/giu;
const trailing = /[.,;:!?'"*_~]+$/u;
const pairs = { ')': '(', ']': '[', '}': '{' };

export function web_address(text) {
  try {
    const { protocol, href } = new URL(text);
    return protocol === 'http:' || protocol === 'https:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** Stops and brackets after an address belong to the sentence, unless the bracket was opened in it. */
function end_of(found) {
  let text = found;
  for (;;) {
    const shorter = text.replace(trailing, '');
    const last = shorter.at(-1);
    const open = pairs[last];
    const alone = open && shorter.split(last).length > shorter.split(open).length;
    const next = alone ? shorter.slice(0, -1) : shorter;
    if (next === text) return text;
    text = next;
  }
}

/** [{text, href?}, …]: together they are `text`, nothing lost. */
export function parts_of(text) {
  const parts = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(address)) {
    const shown = end_of(found);
    const href = web_address(shown);
    if (!href) continue;
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ text: shown, href });
    from = index + shown.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

export function size_label(bytes) {
  if (!(bytes >= 0)) return '';
  const units = ['B', 'KB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) { value /= 1_000; unit += 1; }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** What is shown of an attachment: {name, about, href?}; without `href` its address is none of the web. */
export function attachment_of({ url = '', mime, bytes, name, width, height }) {
  const href = web_address(url);
  let last = '';
  try { last = href ? decodeURIComponent(new URL(href).pathname.split('/').at(-1)) : ''; } catch { /* its name is not well formed */ }
  const measure = width && height ? `${width} × ${height}` : '';
  return { name: name || last || (href ? new URL(href).host : 'Attachment'), about: [mime, size_label(bytes), measure].filter(Boolean).join(' · '), href };
}
