import { fork } from 'node:child_process';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** Says to the process that started this one where it can be reached. */
export function ready(message: { url: string; token?: string }): void {
  process.send!(message);
  process.once('disconnect', () => process.exit(0));
}

/** Serves MCP on a free port of 127.0.0.1. */
export function listen(listener: RequestListener): void {
  const server = http.createServer(listener);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    ready({ url: `http://127.0.0.1:${port}/mcp` });
  });
}

/** A program of this folder, once it is ready. It ends with this process. */
export async function start(
  name: string,
  ...args: string[]
): Promise<{ url: string; token?: string }> {
  const child = fork(path.join(__dirname, `${name}.ts`), args);
  return new Promise((resolve, reject) => {
    child.on('message', (message: { url?: string; token?: string }) => {
      // Backends speak over this channel too, of other things.
      if (message.url) {
        resolve({ url: message.url, token: message.token });
      }
    });
    child.once('exit', code =>
      reject(new Error(`The program ${name} ended with ${code}`)),
    );
  });
}
