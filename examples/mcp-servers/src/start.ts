import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startExampleServers } from './serving/startExampleServers';

/** `--port`, `--data`, or the environment, or the defaults, in this order. */
function readOptions() {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, data: { type: 'string' } },
  });
  const port = values.port ?? process.env.EXAMPLE_SERVERS_PORT ?? '7110';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Error(
      `"${port}" is not a port. Give a number from 0 to 65535 with --port or EXAMPLE_SERVERS_PORT.`,
    );
  }
  return {
    port: Number(port),
    dataDirectory: resolve(
      values.data ??
        process.env.EXAMPLE_SERVERS_DATA ??
        '.data/example-company',
    ),
  };
}

async function main() {
  const options = readOptions();
  const servers = await startExampleServers(options).catch(error => {
    throw error.code === 'EADDRINUSE'
      ? new Error(
          `Port ${options.port} of 127.0.0.1 is in use. Stop the program that uses it, or give another port with --port or EXAMPLE_SERVERS_PORT.`,
        )
      : error;
  });
  console.log(
    `Example MCP servers ready: ${Object.values(servers.urls).join(' ')}`,
  );

  let stopping = false;
  const stop = () => {
    // The second signal while stopping must not close things twice.
    if (!stopping) {
      stopping = true;
      void servers.stop();
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: Error) => {
  console.error(`The example MCP servers cannot start: ${error.message}`);
  process.exitCode = 1;
});
