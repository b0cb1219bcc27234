// Logs the third-party client node-metaverse into a grid and does what it is
// told on standard input, one JSON object a line; tells what it sees on
// standard output, one JSON object a line.
//
//   node client.js LOGIN_URI FIRST LAST PASSWORD [START]
//
// Commands: {"say": text}, {"im": {"to": id, "text": text}},
// {"teleport": {"region": name, "x": n, "y": n, "z": n}}, {"close": true}.
'use strict';

const readline = require('readline');

// The library logs to standard output; keep that for our own lines.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
const tell = (event) => write(JSON.stringify(event) + '\n');

const nmv = require('@caspertech/node-metaverse');

async function main() {
  const [url, firstName, lastName, password, start] = process.argv.slice(2);
  const params = new nmv.LoginParameters();
  Object.assign(params, { url, firstName, lastName, password, start: start || 'last' });
  const bot = new nmv.Bot(params, nmv.BotOptionFlags.None);
  const events = bot.clientEvents;

  events.onNearbyChat.subscribe((e) =>
    tell({ event: 'chat', from: e.from.toString(), name: e.fromName, text: e.message, type: e.chatType, source: e.sourceType }));
  events.onInstantMessage.subscribe((e) =>
    tell({ event: 'im', from: e.from.toString(), name: e.fromName, text: e.message, flags: e.flags }));
  events.onDisconnected.subscribe((e) => tell({ event: 'disconnected', text: e.message }));
  events.onTeleportEvent.subscribe((e) => tell({ event: 'teleport', type: e.eventType, text: e.message }));
  events.onAvatarEnteredRegion.subscribe((avatar) => {
    tell({ event: 'avatar', id: avatar.getKey().toString(), name: avatar.getName() });
    avatar.onMoved.subscribe((a) =>
      tell({ event: 'moved', id: a.getKey().toString(), x: a.position.x, y: a.position.y, z: a.position.z }));
    avatar.onLeftRegion.subscribe((a) => tell({ event: 'left', id: a.getKey().toString() }));
  });

  const answer = await bot.login();
  tell({ event: 'login', id: answer.agent.agentID.toString(), message: answer.loginMessage });
  await bot.connectToSim();
  await bot.waitForEventQueue();
  if (!bot.currentRegion.handshakeComplete) {
    await new Promise((resolve) => bot.currentRegion.handshakeCompleteEvent.subscribe(resolve));
  }
  tell({ event: 'ready', region: bot.currentRegion.regionName });

  for await (const line of readline.createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    if (command.say !== undefined) {
      await bot.clientCommands.comms.say(command.say);
    } else if (command.im) {
      await bot.clientCommands.comms.sendInstantMessage(command.im.to, command.im.text);
    } else if (command.teleport) {
      const t = command.teleport;
      await bot.clientCommands.teleport.teleportTo(t.region, new nmv.Vector3([t.x, t.y, t.z]), new nmv.Vector3([1, 0, 0]));
      tell({ event: 'teleported', region: t.region });
    } else if (command.close) {
      await bot.close();
      tell({ event: 'closed' });
      process.exit(0);
    }
  }
}

main().catch((err) => {
  tell({ event: 'error', text: String((err && err.stack) || err) });
  process.exit(1);
});
