// TLS at the door: every official client on every way of transport, certificates read again, and who does not shake hands.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { make_certificate } from '../support/certificate.mjs';
import { Crowd, matrix } from '../support/clients.mjs';
import { once, until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

const handshake_ms = 400;
const folder = mkdtempSync(join(tmpdir(), 'kith-tls-'));
let certificate;
let server;
let crowd;

function install() {
  certificate = make_certificate();
  writeFileSync(join(folder, 'cert.pem'), certificate.cert);
  writeFileSync(join(folder, 'key.pem'), certificate.key);
}

const trusting = () => ({ ca: certificate.cert, rejectUnauthorized: true });

/** A TLS connection of the system's own, shaken. */
async function connect(options = {}) {
  const socket = tls.connect({ host: '127.0.0.1', port: server.port, ...trusting(), ...options });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

async function reload(pattern) {
  const { length } = server.log;
  server.process.kill('SIGHUP');
  return until(() => pattern.exec(server.log.slice(length)), () => `${pattern} in\n${server.log.slice(length)}`);
}

before(async () => {
  install();
  server = await Server.start({ env: {
    KITH_SERVER_TLS_CERT_FILE: join(folder, 'cert.pem'), KITH_SERVER_TLS_KEY_FILE: join(folder, 'key.pem'),
    KITH_SERVER_TLS_HANDSHAKE_TIMEOUT_MS: String(handshake_ms),
  } });
  crowd = new Crowd(server.url);
});
after(async () => { crowd.close(); await server.stop(); rmSync(folder, { recursive: true }); });

describe('TLS', () => {
  it('is said in the line that names the address', () => assert.match(server.url, /^https:/));

  for (const { version, way, name } of matrix)
    it(`carries ${name}: messages, large ones both ways`, async () => {
      const user = `ann_${version}_${way}`;
      const ann = await crowd.join({ user, version, way, options: trusting() });
      const bob = await crowd.join({ user: `bob_${version}_${way}`, version, way, options: trusting() });
      await ann.settled();
      for (let i = 0; i < 20; i += 1) await ann.call('message.send', { to: bob.user, text: `${name} ${i}` });
      await bob.event('message.new', ({ text }) => text === `${name} 19`);
      assert.deepEqual(bob.heard('message.new').map(({ text }) => text), Array.from({ length: 20 }, (_, i) => `${name} ${i}`));
      for (const one of [ann, bob]) await one.call('room.join', { room: user });
      const data = 'x'.repeat(700_000);
      await ann.call('room.send', { room: user, data });
      assert.equal((await bob.event('room.data')).data, data);
      ann.close();
      bob.close();
    });

  it('is 1.2 or newer, for HTTP/1.1 only', async () => {
    const socket = await connect({ ALPNProtocols: ['h2', 'http/1.1'] });
    assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], ['TLSv1.3', 'http/1.1']);
    socket.destroy();
    const older = await connect({ maxVersion: 'TLSv1.2' });
    assert.equal(older.getProtocol(), 'TLSv1.2');
    older.destroy();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await assert.rejects(new Promise((done, fail) => { tls.connect({ host: '127.0.0.1', port: server.port, ...trusting(), ...old }, done).on('error', fail); }));
  });

  it('says goodbye before it closes', async () => {
    const socket = await connect();
    socket.write('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let answer = '';
    socket.on('data', (chunk) => { answer += chunk; });
    await once(socket, 'end');
    assert.match(answer, /^HTTP\/1.1 200 /);
  });

  it('drops who says nothing, half a handshake or something else, and serves the others', async () => {
    const silent = net.connect(server.port, '127.0.0.1');
    const half = net.connect(server.port, '127.0.0.1');
    half.write(Buffer.from('160301', 'hex'));
    const plain = net.connect(server.port, '127.0.0.1');
    plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const ends = [silent, half, plain].map((socket) => { socket.on('error', () => {}).resume(); return once(socket, 'close'); });
    const ann = await crowd.join({ user: 'patient', options: trusting() });
    await Promise.all(ends);
    assert.ok((await ann.call('message.send', { to: 'bob', text: 'still here' })).cid);
    ann.close();
  });

  it('takes a new certificate at SIGHUP, and connections stay', async () => {
    const ann = await crowd.join({ user: 'stays', options: trusting() });
    const former = certificate.fingerprint;
    install();
    await reload(/event=configuration_read/);
    const socket = await connect();
    assert.equal(socket.getPeerCertificate().fingerprint256, certificate.fingerprint);
    assert.notEqual(certificate.fingerprint, former);
    socket.destroy();
    assert.ok((await ann.call('message.send', { to: 'bob', text: 'still here' })).cid);
    assert.equal(ann.connects, 1);
    ann.close();
  });

  it('keeps the certificate it has when the new one is no good, and says so', async () => {
    writeFileSync(join(folder, 'cert.pem'), 'no certificate');
    await reload(/event=configuration_refused why=.*tls_cert_file/);
    const socket = await connect();
    assert.equal(socket.getPeerCertificate().fingerprint256, certificate.fingerprint);
    socket.destroy();
  });

  it('is needed to be right for a start', async () => {
    await assert.rejects(Server.start({ env: { KITH_SERVER_TLS_CERT_FILE: 'none.pem', KITH_SERVER_TLS_KEY_FILE: 'none.pem' } }), /server\.tls_cert_file can not be read/);
    await assert.rejects(Server.start({ env: { KITH_SERVER_TLS_CERT_FILE: 'none.pem' } }), /together or not at all/);
  });
});
