// Start to ready with MESSAGES (a million) stored, sent over one connection at full speed first: `make million`. Medians of 5 starts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { WebSocketWire } from '../support/raw.mjs';
import { Server } from '../support/server.mjs';

const messages = Number(process.env.MESSAGES || 1_000_000);
const ready_ms_max = 100;
const window = 128;          // sends not yet answered; in_flight_commands_max is 256
const conversations = 1_000;

const data = mkdtempSync(join(tmpdir(), 'kith-million-'));
const server = await Server.start({ data });
const wire = await WebSocketWire.session(server.port, { user: 'ann' });
const began = performance.now();
let sent = 0;
let answered = 0;
const send = () => { wire.send(`42${sent}["message.send",{"to":"bob${sent % conversations}","text":"message ${sent} of a million, of the usual length of a line"}]`); sent += 1; };
while (sent < Math.min(window, messages)) send();
while (answered < messages) {
  const text = await wire.text();
  if (text === '2') wire.send('3');
  if (!text.startsWith('43')) continue;
  if (!text.includes('"ok":true')) throw new Error(text);
  answered += 1;
  if (sent < messages) send();
  if (answered % 100_000 === 0) console.log(`# ${answered} stored, ${Math.round(answered / (performance.now() - began) * 1000)} a second`);
}
wire.close();

const starts = [];
for (let i = 0; i < 5; i += 1) {
  await server.stop({ keep_data: true });
  const start = performance.now();
  await server.restart();
  starts.push(performance.now() - start);
}
const median = starts.sort((a, b) => a - b)[2];
console.log(`# ready after ${starts.map((ms) => ms.toFixed(0)).join(' ')} ms, ${(server.resident_bytes() / 1048576).toFixed(1)} MB resident, idle`);
await server.stop();
rmSync(data, { recursive: true, force: true });
const good = median < ready_ms_max;
console.log(`${good ? 'ok   ' : 'FAIL '} ${messages} messages stored: ready after ${median.toFixed(0)} ms (below ${ready_ms_max})`);
console.log(`${good ? 1 : 0} passed, ${good ? 0 : 1} failed`);
process.exit(good ? 0 : 1);
