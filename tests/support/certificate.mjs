// A key and a certificate that it signs itself, for 127.0.0.1 and localhost: no program and no package is needed for a few bytes of DER.
import { X509Certificate, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}

const sequence = (...parts) => der(0x30, ...parts);
const oid = (...bytes) => der(0x06, Buffer.from(bytes));
const utc = (date) => der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
const name = (text) => sequence(der(0x31, sequence(oid(0x55, 4, 3), der(0x0c, Buffer.from(text)))));
const pem = (label, bytes) => `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;

/** {key, cert, fingerprint}: PEM, good for an hour. */
export function make_certificate(subject = 'localhost') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsa_sha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const alternative = der(0xa3, sequence(sequence(oid(0x55, 0x1d, 0x11), der(0x04, names))));
  const now = Date.now();
  const to_sign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsa_sha256,
    name(subject),
    sequence(utc(new Date(now - 60_000)), utc(new Date(now + 3_600_000))),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    alternative,
  );
  const signature = sign('sha256', to_sign, privateKey);
  const cert = pem('CERTIFICATE', sequence(to_sign, ecdsa_sha256, der(0x03, Buffer.from([0]), signature)));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert, fingerprint: new X509Certificate(cert).fingerprint256 };
}
