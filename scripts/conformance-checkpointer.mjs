// `npm run conformance:checkpointer`: LangGraph's own validation of checkpointers against the one of the portal, on SQLite
// and on a real PostgreSQL, each with checkpoints in the open and sealed. The validation needs vitest, which the portal does
// not: both are fetched once into `.toolchain`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { main, root, run, say, setup, step } from './setup/index.mjs';
import { toolchainDir } from './setup/paths.mjs';
import { startPostgres } from './setup/postgres.mjs';
import { fetchPackages } from './setup/toolchain.mjs';

const VALIDATION = '@langchain/langgraph-checkpoint-validation';
const VERSION = '1.1.1';

async function validate(tools, folder, database, key) {
  const report = path.join(folder, 'report.json');
  rmSync(report, { force: true });
  const { output } = await run(
    tools.node,
    [
      path.join(toolsFolder, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--globals', '--dir', 'tests/checkpointer'],
      ...['--reporter', 'json', '--outputFile', report],
    ],
    {
      cwd: root,
      env: {
        ...tools.env,
        CHECKPOINTER_TOOLS: toolsFolder,
        CHECKPOINTER_DATABASE: database,
        CHECKPOINTER_KEY: key,
      },
      onLine: () => {},
    },
  );
  if (!existsSync(report)) {
    throw new Error(`The validation did not run:\n${output}`);
  }
  const files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  return files.flatMap(({ message, assertionResults }) =>
    message && !assertionResults.length
      ? [
          {
            fullName: 'the suite',
            status: 'failed',
            failureMessages: [message],
          },
        ]
      : assertionResults,
  );
}

/** Prints the figures of some tests; resolves with how many did not pass. */
function report(title, results) {
  const failed = results.filter(({ status }) => status !== 'passed');
  for (const { fullName, failureMessages } of failed) {
    say(`  ✗ ${fullName}\n    ${failureMessages.join('\n    ')}`);
  }
  say(
    `${title}: ${results.length - failed.length} passed, ${
      failed.length
    } failed`,
  );
  return failed.length;
}

const toolsFolder = path.join(toolchainDir, 'checkpoint-validation');

await main(async () => {
  const tools = await setup();
  const installed = path.join(toolsFolder, 'node_modules', VALIDATION);
  if (!existsSync(path.join(installed, 'package.json'))) {
    await step("Fetching LangGraph's validation of checkpointers", () =>
      fetchPackages([`${VALIDATION}@${VERSION}`], {
        folder: toolsFolder,
        what: "Fetching LangGraph's validation of checkpointers",
      }),
    );
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-checkpoints-'));
  const databases = {
    SQLite: path.join(folder, 'checkpoints.sqlite'),
    PostgreSQL: await startPostgres(tools),
  };
  let failed = 0;
  for (const [name, database] of Object.entries(databases)) {
    for (const key of ['', 'k'.repeat(32)]) {
      const results = await validate(tools, folder, database, key);
      const isDelta = ({ fullName }) =>
        fullName.includes('#getDeltaChannelHistory');
      const title = `${name}${key ? ', sealed' : ''}`;
      failed += report(
        title,
        results.filter(result => !isDelta(result)),
      );
      failed += report(`${title}, delta channels`, results.filter(isDelta));
    }
  }
  rmSync(folder, { recursive: true, force: true });
  return failed ? 1 : 0;
});
