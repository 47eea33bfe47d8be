// The few routes that a benchmark needs: groups, their members, history, and what the server counts.
import { fault } from './chat.mjs';

const body_bytes_max = 256 * 1024;
const status_of = { validation_failed: 400, not_found: 404, too_large: 413 };

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function body_of(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > body_bytes_max) throw fault('too_large', 'the body is too large');
    parts.push(part);
  }
  try { return JSON.parse(Buffer.concat(parts).toString() || '{}'); } catch { throw fault('validation_failed', 'the body is no JSON'); }
}

/** `ext:NAME`, `to:USER` or a cid, as Kith's paths have it. */
function named(part) {
  const name = decodeURIComponent(part);
  if (name.startsWith('ext:')) return { external_id: name.slice(4) };
  if (name.startsWith('to:')) return { to: name.slice(3) };
  return { cid: name };
}

export function rest(chat, counted) {
  const routes = [
    ['POST', /^\/v1\/conversations$/, async (user, _part, request) => chat.create_group(user, await body_of(request)), 201],
    ['POST', /^\/v1\/conversations\/([^/]+)\/members$/, async (user, part, request) => chat.add_members(chat.cid_of(named(part), user), await body_of(request)), 200],
    ['GET', /^\/v1\/conversations\/([^/]+)\/messages$/, (user, part, _request, query) => chat.history(user, {
      ...named(part), before: Number(query.get('before')) || undefined, after: query.has('after') ? Number(query.get('after')) : undefined, limit: Number(query.get('limit')) || undefined,
    }), 200],
    ['GET', /^\/stats$/, async () => counted(), 200],
    ['GET', /^\/livez$/, async () => ({}), 200],
  ];
  return async (request, response) => {
    const url = new URL(request.url, 'http://peer');
    try {
      for (const [method, pattern, handler, status] of routes) {
        const match = method === request.method && pattern.exec(url.pathname);
        if (match) return answer(response, status, await handler(decodeURIComponent(request.headers['on-behalf-of'] ?? ''), match[1], request, url.searchParams));
      }
      throw fault('not_found', 'no such route');
    } catch (error) {
      answer(response, status_of[error.code] ?? 500, { code: error.code ?? 'internal', message: error.message, retryable: false });
    }
  };
}
