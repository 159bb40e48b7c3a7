// Node's `ws` as the server. Serves until standard input ends.

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { WebSocketServer } from "ws";

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => (offered.has("echo.msgpack") ? "echo.msgpack" : false),
});

const paths = {
  "/echo": (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  "/fragments": (socket) => {
    socket.send("one ", { fin: false });
    socket.send("two ", { fin: false });
    socket.send("three");
  },
  "/ping": (socket) => {
    socket.on("pong", (data) => data.toString() === "are you there?" && socket.send("a pong came"));
    socket.ping("are you there?");
  },
  "/close": (socket) => socket.close(4001, "enough"),
  "/drop": (socket) => socket.on("message", () => socket.terminate()),
};

function upgrade(request, connection, head) {
  const refused = request.url.match(/^\/refuse\/(\d+)$/);
  if (refused) {
    const body = "not for you";
    connection.end(
      `HTTP/1.1 ${refused[1]} ${http.STATUS_CODES[refused[1]]}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return;
  }
  sockets.handleUpgrade(request, connection, head, (socket) => paths[request.url](socket));
}

const certificate = readFileSync(process.argv[2]);
const servers = [http.createServer(), https.createServer({ key: certificate, cert: certificate })];
const ports = await Promise.all(
  servers.map(
    (server) =>
      new Promise((resolve) => {
        server.on("upgrade", upgrade);
        server.listen(0, "127.0.0.1", () => resolve(server.address().port));
      }),
  ),
);
console.log(JSON.stringify({ ws: ports[0], wss: ports[1] }));
process.stdin.resume().on("end", () => process.exit(0));
