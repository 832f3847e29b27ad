import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readAgents } from './agents';
import { readDatasets } from './dataset';
import { createDirectDriver } from './direct';
import { evaluate, type Driver } from './evaluate';
import { createPortalDriver } from './portal';
import { explain, reportOf } from './report';

const HELP = `Asks the example agents every question of catalog/data-sets and prints how many they answered right.

  --url <url>      the portal (default: PORTAL_URL, else http://localhost:7007)
  --token <token>  a Backstage token (default: PORTAL_TOKEN, else the guest signs in)
  --direct         without a portal: MCP servers, built-in model and tool loop in this process; not of workflows
  --agent <name>   only this agent; may be given more than once
  --only <part>    "tuning" or "held-out" questions only
  --failures       print what went wrong
`;

async function main() {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      direct: { type: 'boolean', default: false },
      agent: { type: 'string', multiple: true },
      only: { type: 'string' },
      failures: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  // a private package that only ever runs from its sources
  // eslint-disable-next-line no-restricted-syntax
  const root = resolve(__dirname, '..');
  const agents = readAgents(resolve(root, '../../catalog'));
  const cases = readDatasets(resolve(root, '../../catalog/data-sets'))
    .filter(item => !values.direct || !agents.get(item.agentRef)?.isWorkflow)
    .filter(
      item =>
        !values.agent ||
        values.agent.some(
          name => item.agentRef === name || item.agentRef.endsWith(`/${name}`),
        ),
    )
    .filter(
      item =>
        values.only === undefined ||
        item.heldOut === (values.only === 'held-out'),
    );
  if (!cases.length) throw new Error('No question fits these options.');

  let driver: Driver;
  let scratch: string | undefined;
  if (values.direct) {
    scratch = mkdtempSync(join(tmpdir(), 'example-evals-'));
    driver = await createDirectDriver({
      agents,
      dataDirectory: scratch,
    });
  } else {
    const token = values.token ?? process.env.PORTAL_TOKEN;
    driver = createPortalDriver({
      baseUrl: values.url ?? process.env.PORTAL_URL ?? 'http://localhost:7007',
      ...(token ? { token } : {}),
    });
  }
  try {
    const results = await evaluate(driver, cases, {
      onResult: result => {
        if (values.failures && !result.grade.all)
          console.log(`${explain(result)}\n`);
      },
    });
    console.log(reportOf(results));
  } finally {
    await driver.stop();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(`The evaluation cannot run: ${error.message}`);
  process.exitCode = 1;
});
