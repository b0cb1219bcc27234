// A back end as people write them: it connects with a client certificate, asks
// for notifications, prints each line, and sends what it reads on its standard
// input.
//
//   node client.js HOST PORT CERTIFICATES_DIRECTORY "group=…&password=…&type=…"
//
// The directory is what `rookery cert create --ca --client client1` makes.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const tls = require('tls');

const [host, port, dir, hello] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(dir, name));

const socket = tls.connect({
  host,
  port: Number(port),
  servername: 'localhost',
  ca: read('ca-crt.pem'),
  cert: fs.existsSync(path.join(dir, 'client1-crt.pem')) ? read('client1-crt.pem') : undefined,
  key: fs.existsSync(path.join(dir, 'client1-key.pem')) ? read('client1-key.pem') : undefined,
}, () => socket.write(hello + '\n'));

readline.createInterface({ input: socket }).on('line', (line) => console.log(line));
readline.createInterface({ input: process.stdin }).on('line', (line) => socket.write(line + '\n'));

socket.on('error', (err) => { console.error(err.message); process.exit(1); });
socket.on('close', () => process.exit(0));
