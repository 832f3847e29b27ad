import type {
  OrchestrationClient,
  Run,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import type { Cluster } from './Cluster';
import type { Flown } from './Flight';
import type { Gateways } from './gateways';

/** What became of a run. */
export interface Verdict {
  run: Flown;
  /** Sentences; none when all is right. */
  problems: string[];
  /** Whether something was done twice. */
  twice: boolean;
  /**
   * From the kill to the first step that began afterwards; how long the start of a process takes does not count
   * where there was none.
   */
  failOverMs?: number;
}

/** Whether a run ended as it must, whatever was killed meanwhile. */
export async function judge(run: Flown, cluster: Cluster): Promise<Verdict> {
  const { alive, backAt, gateways, workers } = cluster;
  const [{ client }] = alive.length ? alive : workers;
  const found = await client.getRun(run.id);
  const effects = (by: string) =>
    gateways.effects.get(`${run.order} by ${by}`) ?? 0;
  const twice = effects('desk') > 1 || effects('helper') > 1;
  const problems = [
    ...endProblems(run, found, gateways, effects),
    ...stepProblems(run, found, gateways.faults.has(run.order)),
    ...usageProblems(run, found, gateways),
    ...(await eventProblems(run, client)),
    ...(twice ? ['Something was done twice.'] : []),
  ];
  const next = found.steps
    .map(({ startedAt }) => Date.parse(startedAt))
    .find(startedAt => run.killedAt && startedAt > run.killedAt);
  return {
    run,
    problems,
    twice,
    ...(next && {
      failOverMs:
        next -
        (backAt > run.killedAt! && backAt < next ? backAt : run.killedAt!),
    }),
  };
}

function endProblems(
  run: Flown,
  { status, output, error }: Run,
  { faults }: Gateways,
  effects: (by: string) => number,
): string[] {
  if (faults.has(run.order)) {
    return status === 'failed' && error?.name === 'ModelCallFailed'
      ? []
      : [`It should have failed of its model, and is ${status}: ${output}`];
  }
  const [, desk, helper] =
    new RegExp(
      `^Order ${run.order} found, desk (\\w+), Helper of ${run.order}: (\\w+)$`,
    ).exec(output?.message ?? '') ?? [];
  if (status !== 'succeeded' || desk === undefined) {
    return [`It is ${status}: ${output?.message ?? error?.message}`];
  }
  return [
    ['desk', desk, 'write tool'],
    ['helper', helper, 'agent 2: write tool'],
  ].flatMap(([by, said, place]) => {
    if (said === 'known') {
      return effects(by) === 1
        ? []
        : [`It says that ${by} did it, which happened ${effects(by)} times.`];
    }
    const mayBe =
      run.killedAt !== undefined &&
      (run.point.startsWith(place) || !/model|tool/.test(run.point));
    return mayBe ? [] : [`What ${by} did is known, and it says it is not.`];
  });
}

function stepProblems(run: Flown, found: Run, faulty: boolean): string[] {
  const { steps } = found;
  const problems: string[] = [];
  const isCut = ({ error }: RunStep) => error?.name === 'WorkersLost';
  const isUnknown = ({ kind, riskTier, error }: RunStep) =>
    kind === 'tool' &&
    riskTier !== 'read' &&
    /Nobody knows/.test(error?.message ?? '');
  const expect = (
    what: string,
    wanted: number,
    is: (step: RunStep) => boolean,
  ) => {
    const finished = steps.filter(
      step => is(step) && (step.status === 'succeeded' || isUnknown(step)),
    );
    if (finished.length !== wanted) {
      problems.push(
        `${what} finished ${finished.length} times and not ${wanted}: ${summary(
          steps,
        )}`,
      );
    }
  };
  if (!faulty) {
    expect('Its model', 4, s => s.kind === 'model' && !s.parentId);
    expect("The helper's model", 2, s => s.kind === 'model' && !!s.parentId);
    expect('Reading', 1, s => s.name === 'orders.find_order');
    const cancels = ({ name }: RunStep) => name === 'orders.cancel_order';
    expect('Writing', 1, s => cancels(s) && !s.parentId);
    expect("The helper's writing", 1, s => cancels(s) && !!s.parentId);
    expect('Handing over', 1, s => s.kind === 'agent');
  }
  if (steps.some(({ status }) => status === 'running')) {
    problems.push('A step is still open.');
  }
  if (steps.some(({ index }, i) => index !== i)) {
    problems.push('Steps are not numbered one after the other.');
  }
  if (run.killedAt === undefined && steps.some(isCut)) {
    problems.push('It lost its worker, which lives.');
  }
  return problems;
}

const summary = (steps: RunStep[]) =>
  steps
    .map(
      ({ kind, status, parentId, error }) =>
        `${parentId ? '>' : ''}${kind} ${error?.name ?? status}`,
    )
    .join(', ');

function usageProblems(
  run: Flown,
  { steps, usage }: Run,
  gateways: Gateways,
): string[] {
  const cost = steps.reduce(
    (sum, step) => sum + (step.usage?.costNanoUsd ?? 0),
    0,
  );
  const booked = gateways.costOf(run.order);
  return usage.costNanoUsd === cost && cost === booked
    ? []
    : [
        `It cost ${
          usage.costNanoUsd
        } nano-USD, its steps ${cost}, and ${booked} were booked: ${summary(
          steps,
        )}`,
      ];
}

async function eventProblems(
  run: Flown,
  client: OrchestrationClient,
): Promise<string[]> {
  const problems: string[] = [];
  let seq = 0;
  let last = '';
  for await (const { id, event } of client.streamEvents(run.id)) {
    seq += 1;
    last = event.type;
    if (Number(id) !== seq) {
      problems.push(`Event ${seq} is missing.`);
      seq = Number(id);
    }
  }
  return /^RUN_(FINISHED|ERROR)$/.test(last)
    ? problems
    : [...problems, `Its last event is ${last}.`];
}
