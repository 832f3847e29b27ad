import net from 'node:net';
import { SetupError } from './say.mjs';

function listens(port, host) {
  return new Promise(resolve => {
    const socket = net.connect({ port, host });
    const answer = value => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.setTimeout(1000, () => answer(false));
  });
}

/** Says in one sentence which port is taken, before anything is started. */
export async function requireFreePort(port, purpose, remedy) {
  if ((await listens(port, '127.0.0.1')) || (await listens(port, '::1'))) {
    throw new SetupError(
      `Port ${port}, which ${purpose} needs, is in use by another program. ${remedy}`,
    );
  }
}

/** Where the example company's MCP servers listen: 7110, or as far from the portal's port as that is from 7007. */
export function examplePort(portalPort) {
  if (process.env.EXAMPLE_SERVERS_PORT) {
    return Number(process.env.EXAMPLE_SERVERS_PORT);
  }
  const distance = 7110 - 7007;
  return portalPort + distance > 65535
    ? portalPort - distance
    : portalPort + distance;
}

/** Where the agent of the example company's partner listens. */
export function exampleAgentPort(portalPort) {
  return Number(process.env.EXAMPLE_AGENT_PORT ?? examplePort(portalPort) + 10);
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
