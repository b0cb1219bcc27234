// Measures node-metaverse's packet codec. Reads JSON from standard input:
// [{name, wire (hex)}]; writes JSON: [{name, decode, encode (ns an operation),
// wire (hex, what it makes of the decoded message)}].
'use strict';
const { Packet } = require('@caspertech/node-metaverse/dist/lib/classes/Packet.js');

const none = () => {};

function decode(wire) {
    const p = new Packet();
    p.readFromBuffer(wire, 0, none, none);
    return p;
}

function encode(p) {
    return p.writeToBuffer(Buffer.allocUnsafe(p.getSize()), 0);
}

// The best of several rounds of about a fifth of a second each, after warming up.
function measure(operation) {
    for (let i = 0; i < 20000; i++) operation();
    let count = 1000;
    let best = Infinity;
    for (let round = 0; round < 5;) {
        const start = process.hrtime.bigint();
        for (let i = 0; i < count; i++) operation();
        const spent = Number(process.hrtime.bigint() - start);
        if (spent < 2e8) {
            count = Math.ceil(count * Math.min(10, 2.2e8 / spent));
            continue;
        }
        best = Math.min(best, spent / count);
        round++;
    }
    return best;
}

const packets = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const results = packets.map(({ name, wire }) => {
    const bytes = Buffer.from(wire, 'hex');
    const p = decode(bytes);
    return {
        name,
        wire: encode(p).toString('hex'),
        decode: measure(() => decode(bytes)),
        encode: measure(() => encode(p)),
    };
});
console.log(JSON.stringify(results));
