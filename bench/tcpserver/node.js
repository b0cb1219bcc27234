// The peer in Node: the commands of serve.go over net and tls.
const net = require("net"), tls = require("tls"), readline = require("readline");
const clients = new Set();
let stop = true, publishing = Promise.resolve();

function serve(socket) {
  socket.setNoDelay(true);
  clients.add(socket);
  socket.on("close", () => clients.delete(socket));
  socket.on("error", () => {});
  let rest = null;
  socket.on("data", chunk => {
    if (rest) { chunk = Buffer.concat([rest, chunk]); rest = null; }
    const end = chunk.lastIndexOf(10) + 1;
    if (end > 0) socket.write(chunk.subarray(0, end));
    if (end < chunk.length) rest = chunk.subarray(end);
  });
}

async function publish(size, batch) {
  const message = Buffer.alloc(size, "x");
  message[size - 1] = 10;
  while (!stop) {
    const ready = [...clients].filter(c => c.writableLength <= 1 << 20);
    for (const c of ready) c.cork(); // the messages of a batch leave in one writev
    for (let i = 0; i < batch; i++) for (const c of ready) c.write(message);
    for (const c of ready) c.uncork();
    await new Promise(setImmediate);
  }
}

const options = { cert: process.env.BENCH_CERT, key: process.env.BENCH_KEY };
const server = options.cert ? tls.createServer(options, serve) : net.createServer(serve);
server.on("tlsClientError", () => {});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log("addr 127.0.0.1:" + server.address().port));
readline.createInterface({ input: process.stdin }).on("line", async line => {
  const [command, size, count] = line.split(" ");
  if (command === "publish") {
    stop = false;
    publishing = publish(+size, +count);
  } else if (command === "stop") {
    stop = true;
    await publishing;
  } else if (command === "memory") {
    global.gc();
    global.gc();
    const m = process.memoryUsage();
    return console.log("memory", m.rss, clients.size, m.heapUsed + m.external);
  }
  console.log("ok");
}).on("close", () => process.exit());
