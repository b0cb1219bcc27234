// A WebSocket client by the package ws: it connects, prints each message as a
// line, and sends what it reads on its standard input.
//
//   node websocket.js ws://HOST:PORT/GROUP/PASSWORD/TYPES
'use strict';
const readline = require('readline');
const WebSocket = require('ws');

const socket = new WebSocket(process.argv[2]);
socket.on('open', () => {
  readline.createInterface({ input: process.stdin }).on('line', (line) => socket.send(line));
});
socket.on('message', (data) => console.log(String(data)));
socket.on('error', (err) => { console.error(err.message); process.exit(1); });
socket.on('close', (code) => { console.log(`closed ${code}`); process.exit(0); });
