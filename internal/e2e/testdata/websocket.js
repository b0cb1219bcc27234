// A WebSocket client by the package ws: it connects, prints each message as a
// line, and sends what it reads on its standard input, but for the lines pause
// and resume: in between it does not read.
//
//   node websocket.js ws://HOST:PORT/GROUP/PASSWORD/TYPES [pings] [mute]
//
// With pings it prints the pings that it gets, and with mute it does not answer
// them.
'use strict';
const readline = require('readline');
const WebSocket = require('ws');

const [url, ...words] = process.argv.slice(2);
const socket = new WebSocket(url, { autoPong: !words.includes('mute') });
socket.on('open', () => {
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    switch (line) {
      case 'pause': socket.pause(); console.log('paused'); break;
      case 'resume': socket.resume(); break;
      default: socket.send(line);
    }
  });
});
if (words.includes('pings')) socket.on('ping', () => console.log('ping'));
socket.on('message', (data) => console.log(String(data)));
socket.on('error', (err) => { console.error(err.message); process.exit(1); });
socket.on('close', (code) => process.stdout.write(`closed ${code}\n`, () => process.exit(0)));
