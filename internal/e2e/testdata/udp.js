// A client of the UDP door: every line of standard input is sent as one
// datagram, every datagram that arrives is written as one line.
'use strict';
const dgram = require('dgram');
const readline = require('readline');

const [host, port] = process.argv.slice(2);
const socket = dgram.createSocket('udp4');
socket.on('message', (text) => process.stdout.write(text.toString('utf8') + '\n'));
socket.connect(Number(port), host, () => {
  readline.createInterface({ input: process.stdin }).on('line', (line) => socket.send(Buffer.from(line, 'utf8')));
});
