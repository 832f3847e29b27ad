import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { SetupError } from '../../scripts/setup/index.mjs';
import { RotatedLog } from '../../scripts/setup/logs.mjs';
import { root } from '../../scripts/setup/paths.mjs';
import { freePort } from '../../scripts/setup/ports.mjs';
import { start } from '../../scripts/setup/processes.mjs';

const START_MS = 300_000;

/** `yarn start` of an app, on ports that are free; resolves with its address when it answers. */
export async function startApp({ node, yarn, env }, folder) {
  const [appPort, backendPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${appPort}`;
  const backend = `http://localhost:${backendPort}`;
  const logs = path.join(root, '.artifacts/logs/adopter');
  mkdirSync(logs, { recursive: true });
  const log = new RotatedLog(path.join(logs, 'app.log'));
  const child = start(node, [yarn, 'start'], {
    cwd: folder,
    env: {
      ...env,
      APP_CONFIG_app_baseUrl: url,
      APP_CONFIG_app_listen: JSON.stringify({
        host: 'localhost',
        port: appPort,
      }),
      APP_CONFIG_backend_baseUrl: backend,
      APP_CONFIG_backend_listen: JSON.stringify({
        host: '127.0.0.1',
        port: backendPort,
      }),
      APP_CONFIG_backend_cors_origin: url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      log.write(text);
      output = (output + text).slice(-20_000);
    });
  }
  const answers = async address =>
    (await fetch(address).catch(() => undefined))?.ok;
  for (const deadline = Date.now() + START_MS; ; ) {
    if (
      (await answers(`${backend}/.backstage/health/v1/readiness`)) &&
      (await answers(url))
    ) {
      return url;
    }
    if (
      child.exitCode !== null ||
      Date.now() > deadline ||
      /Backend startup failed|Plugin '.*' threw an error during startup/.test(
        output,
      )
    ) {
      throw new SetupError(`The app did not start:\n${output.slice(-4000)}`);
    }
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}
