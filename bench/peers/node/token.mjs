// HS256, as every backend signs tokens: who says he is `sub`, if the signature and the time are right.
import { createHmac, timingSafeEqual } from 'node:crypto';

export function user_of_token(token, key, now_s = Date.now() / 1000) {
  const [header, claims, signature] = String(token).split('.');
  if (!signature) throw new Error('this is no token');
  const expected = createHmac('sha256', key).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error('the signature is wrong');
  if (JSON.parse(Buffer.from(header, 'base64url')).alg !== 'HS256') throw new Error('the algorithm is not HS256');
  const { sub, exp } = JSON.parse(Buffer.from(claims, 'base64url'));
  if (!(exp > now_s)) throw new Error('the token has expired');
  return sub;
}
