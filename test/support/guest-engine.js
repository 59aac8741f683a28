// The engine of a fake guest: `node guest-engine.js ROOT ADDRESS PORT`. As dockerd does, it reads its certificates once.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

const [root = '', address = '', port = ''] = process.argv.slice(2);
const read = (name) => readFileSync(join(root, 'var/lib/boot2docker', name), 'utf8');
const offsetMs = () => Number(readFileSync(join(root, 'clock-offset'), 'utf8')) * 1000;

const certificates = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server-key.pem') };
const server = createServer({ ...certificates, requestCert: true, rejectUnauthorized: true }, (request, response) => {
  const date = new Date(Date.now() + offsetMs()).toUTCString();
  response.writeHead(200, { 'Api-Version': '1.45', Server: 'Docker/26.1.5 (linux)', Date: date });
  response.end(request.url === '/_ping' ? 'OK' : JSON.stringify({ Version: '26.1.5', ApiVersion: '1.45' }));
});
server.listen(Number(port), address, () => writeFileSync(join(root, 'listening'), ''));
process.on('SIGTERM', () => {
  rmSync(join(root, 'listening'), { force: true });
  process.exit(0);
});
