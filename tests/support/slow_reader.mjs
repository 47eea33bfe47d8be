// What it takes until the server closes a connection whose client does not read.
import { until } from './deadline.mjs';

export const letter = 'x'.repeat(15_000);
const letters_max = 2_000;   // 30 MB: more than the kernel keeps for a socket
const at_once = 20;

/** `send(letter)` until somebody is closed for reading too slowly; after each twenty `sent(count)`. How many it took. */
export async function send_until_closed(server, send, sent = async () => {}) {
  const closed = () => server.log.includes('slow_reader');
  let count = 0;
  while (count < letters_max && !closed()) {
    await Promise.all(Array.from({ length: at_once }, () => send(letter)));
    count += at_once;
    await sent(count);
  }
  await until(closed, 'the end of a connection that is not read');
  return count;
}
