// Node's `ws` as the client. `Client` in ../peers.py says what it is told and what it answers.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

const next = async (socket) => (await once(socket, "message"))[0].toString();

async function echo(socket, order) {
  const received = [];
  for (const message of order.messages) {
    socket.send(message);
    received.push(await next(socket));
  }
  if (order.task === "drop") socket.terminate();
  else socket.close(...(order.close ?? []));
  return received;
}

const tasks = {
  echo,
  drop: echo,
  fragments: async (socket, order) => {
    const last = order.messages.length - 1;
    order.messages.forEach((message, index) => socket.send(message, { fin: index === last }));
    const received = [await next(socket)];
    socket.close();
    return received;
  },
  ping: async (socket) => {
    socket.ping("are you there?");
    const [data] = await once(socket, "pong");
    if (data.toString() !== "are you there?") throw new Error(`${data} is not the Pong`);
    socket.close();
    return [];
  },
};

function listen(socket) {
  const received = [];
  socket.on("message", (data) => received.push(data.toString()));
  return received;
}

async function refusal(response) {
  let body = "";
  for await (const part of response) body += part;
  return { status: response.statusCode, body };
}

async function perform(order) {
  const socket = new WebSocket(order.url, order.subprotocols ?? [], {
    perMessageDeflate: order.compress ? { threshold: 0 } : false,
    ca: order.authority && readFileSync(order.authority),
  });
  const closed = once(socket, "close");
  const received = order.task === "listen" ? listen(socket) : undefined;
  const refused = await Promise.race([
    once(socket, "open").then(() => null),
    once(socket, "unexpected-response").then(([, response]) => refusal(response)),
  ]);
  if (refused) return refused;
  const messages = received ?? (await tasks[order.task](socket, order));
  const [code, reason] = await closed;
  return {
    messages,
    code,
    reason: reason.toString(),
    subprotocol: socket.protocol || null,
    extensions: socket.extensions,
  };
}

const timeout = () => new Promise((resolve) => setTimeout(resolve, 10_000, { error: "timeout" }).unref());

for await (const line of createInterface({ input: process.stdin })) {
  const performed = perform(JSON.parse(line)).catch((error) => ({ error: String(error) }));
  const answer = await Promise.race([performed, timeout()]);
  console.log(JSON.stringify(answer));
}
