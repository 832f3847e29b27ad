// `yarn dev`: the portal with a front end that reloads as its sources change.
import path from 'node:path';
import { main, root, run, say, setup } from './setup/index.mjs';
import { startPortal } from './setup/portal.mjs';

await main(async () => {
  const tools = await setup();
  await startPortal(tools, { configs: ['app-config.dev.yaml'] });
  say('The backend is up. The front end follows on http://localhost:3000.');
  const args = [
    tools.yarn,
    'workspace',
    'app',
    'start',
    '--config',
    path.join(root, 'app-config.yaml'),
    '--config',
    path.join(root, 'app-config.dev.yaml'),
  ];
  return (await run(tools.node, args, { cwd: root, env: tools.env })).code;
});
