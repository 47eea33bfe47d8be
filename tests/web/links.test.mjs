import assert from 'node:assert/strict';
import test from 'node:test';
import { attachment_of, parts_of, size_label, web_address } from '../../web/links.js';

const hrefs = (text) => parts_of(text).filter(({ href }) => href).map(({ text: shown }) => shown);

test('addresses in a text become links, the sentence around them does not', () => {
  assert.deepEqual(hrefs('see https://example.org/a, or http://example.org.'), ['https://example.org/a', 'http://example.org']);
  assert.deepEqual(hrefs('(https://example.org/x_(y)) and [https://example.org]'), ['https://example.org/x_(y)', 'https://example.org']);
  assert.deepEqual(hrefs('HTTPS://EXAMPLE.ORG/?q=1&r=2#z!'), ['HTTPS://EXAMPLE.ORG/?q=1&r=2#z']);
});

test('the parts together are the text, whatever it holds', () => {
  for (const text of ['', 'plain', 'https://a.b', 'a https://a.b b https://c.d/), e', '<https://a.b> "https://c.d"', 'https://', 'https://:::', 'مرحبا https://a.b/ک']) {
    assert.equal(parts_of(text).map((part) => part.text).join(''), text);
  }
});

test('what could run or read is no link', () => {
  assert.deepEqual(hrefs('javascript:alert(1) data:text/html,x file:///etc/passwd ftp://a.b //a.b'), []);
  for (const bad of ['javascript:alert(1)', ' javascript:alert(1)', 'JAVASCRIPT:1', 'data:text/html,x', 'blob:https://a.b/x', 'a.b', '', undefined]) assert.equal(web_address(bad), undefined);
  assert.equal(web_address('https://a.b/<x>'), 'https://a.b/%3Cx%3E');
});

test('an attachment is named by its name, its address or its host', () => {
  const one = (more) => attachment_of({ url: 'https://files.example/a/map%20north.pdf', mime: 'application/pdf', ...more });
  assert.deepEqual(one({ name: 'Map.pdf', bytes: 1_234_567 }), { name: 'Map.pdf', about: 'application/pdf · 1.2 MB', href: 'https://files.example/a/map%20north.pdf' });
  assert.equal(one().name, 'map north.pdf');
  assert.equal(one({ url: 'https://files.example/' }).name, 'files.example');
  assert.equal(one({ url: 'https://files.example/%ff' }).name, 'files.example');
  assert.equal(one({ width: 800, height: 600, mime: 'image/png' }).about, 'image/png · 800 × 600');
  assert.deepEqual(attachment_of({ url: 'javascript:alert(1)', mime: 'text/html' }), { name: 'Attachment', about: 'text/html', href: undefined });
  assert.equal(attachment_of({}).name, 'Attachment');
});

test('sizes are short', () => {
  assert.deepEqual([0, 999, 1_000, 12_345, 5e9, undefined, -1].map(size_label), ['0 B', '999 B', '1.0 KB', '12 KB', '5.0 GB', '', '']);
});
