import {
  type CaseResult,
  type Comparison,
  type DataSet,
  EvalsClient,
  type Evaluation,
  type Gate,
} from '@agentportal/plugin-evals-common';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HELP, readOptions, type RunOptions, UsageError } from './options';
import { junitOf, summaryOf } from './report';

const LOOK_EVERY_MS = 2_000;
const PAGE = 100;

/**
 * Runs the command.
 *
 * @param io - where it writes; the terminal unless given
 * @returns the exit code: 0 when all is well, 1 when what was evaluated does not do, 2 when it
 *   could not be evaluated
 * @public
 */
export async function runAgentPortal(
  args: string[],
  io: {
    env?: Record<string, string | undefined>;
    out?: (text: string) => void;
    err?: (text: string) => void;
  } = {},
): Promise<number> {
  const {
    env = process.env,
    out = text => process.stdout.write(text),
    err = text => process.stderr.write(text),
  } = io;
  try {
    const options = readOptions(args, env);
    if (!options) {
      out(HELP);
      return 0;
    }
    return await run(options, { out, err });
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    err(`${cause?.message ?? message}\n`);
    if (error instanceof UsageError) {
      err('Read agent-portal --help.\n');
    }
    return 2;
  }
}

async function run(
  options: RunOptions,
  io: { out: (text: string) => void; err: (text: string) => void },
): Promise<number> {
  const client = new EvalsClient({
    discoveryApi: {
      getBaseUrl: async plugin => `${options.url}/api/${plugin}`,
    },
    fetchApi: { fetch },
  });
  const by = { token: options.token };
  const dataSet = await findDataSet(client, options, by);
  const begun = await client.createEvaluation(
    {
      dataSetId: dataSet.id,
      trials: options.trials,
      ...(options.label && { label: options.label }),
      ...(options.candidate && { candidate: options.candidate }),
      ...(options.ofFile && { ofFile: true }),
    },
    by,
  );
  io.err(
    `Asking ${begun.agentRef} ${begun.counts.cases} questions of "${dataSet.title}": ${begun.id}\n`,
  );
  const until = performance.now() + options.timeoutMs;
  const evaluation = await ended(client, begun.id, until, by);
  if (evaluation.status === 'running') {
    await client.cancelEvaluation(begun.id, by);
    throw new Error('It was stopped, because it took longer than --timeout.');
  }
  let comparison: Comparison | undefined;
  if (evaluation.baselineId) {
    await ended(client, evaluation.baselineId, until, by);
    comparison = await client.compareEvaluations(
      evaluation.id,
      evaluation.baselineId,
      by,
    );
  }
  const gate: Gate | undefined = options.gate
    ? await client.getGate(
        { agentRef: evaluation.agentRef, evaluationId: evaluation.id },
        by,
      )
    : undefined;
  const results = await allResults(client, evaluation.id, by);
  const summary = summaryOf({ evaluation, comparison, gate, results });
  io.out(summary);
  if (options.summary) {
    writeFileSync(options.summary, summary);
  }
  if (options.junit) {
    writeFileSync(options.junit, junitOf(evaluation, results));
  }
  const isWell =
    evaluation.status === 'completed' &&
    evaluation.counts.passed + evaluation.counts.failed > 0 &&
    gate?.passed !== false &&
    comparison?.verdict.decision !== 'worse';
  return isWell ? 0 : 1;
}

async function findDataSet(
  client: EvalsClient,
  { dataSet }: RunOptions,
  by: { token: string },
): Promise<DataSet> {
  if (!dataSet.includes(':')) {
    return client.getDataSet(dataSet, by);
  }
  let cursor: string | undefined;
  do {
    const page = await client.listDataSets({ limit: PAGE, cursor }, by);
    const found = page.items.find(
      ({ entityRef }) => entityRef === dataSet.toLowerCase(),
    );
    if (found) {
      return found;
    }
    cursor = page.nextCursor;
  } while (cursor);
  throw new Error(`The portal has no data set ${dataSet} that you may read.`);
}

/** Looks again until it has ended, or the time is over. */
async function ended(
  client: EvalsClient,
  id: string,
  until: number,
  by: { token: string },
): Promise<Evaluation> {
  for (;;) {
    const isOver = performance.now() > until;
    try {
      const evaluation = await client.getEvaluation(id, by);
      if (evaluation.status !== 'running' || isOver) {
        return evaluation;
      }
    } catch (error) {
      // It goes on by itself, so a portal that starts anew meanwhile is waited for.
      const { statusCode = 503 } = error as { statusCode?: number };
      if (statusCode < 500 || isOver) {
        throw error;
      }
    }
    await sleep(LOOK_EVERY_MS);
  }
}

async function allResults(
  client: EvalsClient,
  id: string,
  by: { token: string },
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listResults(id, { limit: PAGE, cursor }, by);
    results.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return results;
}
