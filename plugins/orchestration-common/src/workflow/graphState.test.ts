import type { RunStep } from '../types';
import { describeGraph } from './graphState';

const workflow = {
  pattern: 'plan-and-execute',
  agents: ['agent:default/a', 'agent:default/b'],
};

let index = 0;
const step = (
  nodePath: string,
  status: RunStep['status'],
  fields: Partial<RunStep> = {},
): RunStep => ({
  id: `step of ${nodePath}`,
  index: index++,
  kind: 'agent',
  name: 'agent:default/a',
  status,
  startedAt: '2026-11-28T10:00:00.000Z',
  input: {},
  nodePath,
  ...fields,
});
const plan = (
  round: number,
  tasks: Array<{ id: string; after: string[] }>,
): RunStep =>
  step(`plan.plan[${round}]`, 'succeeded', {
    kind: 'node',
    name: 'plan',
    title: 'Plan',
    output: { tasks },
  });

it('shows what a plan was made anew for, and what takes the place of it', () => {
  const graph = describeGraph(workflow, [
    step('plan', 'running', { kind: 'node' }),
    plan(1, [
      { id: 't1', after: [] },
      { id: 't2', after: [] },
      { id: 't3', after: ['t2'] },
    ]),
    step('plan.t1', 'succeeded'),
    step('plan.t2', 'failed'),
    plan(2, [
      { id: 't1', after: [] },
      { id: 't2-2', after: [] },
      { id: 't3', after: ['t2-2'] },
    ]),
  ])!;
  expect(
    Object.fromEntries(graph.nodes.map(({ id, state }) => [id, state])),
  ).toMatchObject({
    plan: 'running',
    'plan.plan[1]': 'revised',
    'plan.t1': 'succeeded',
    'plan.t2': 'revised',
    'plan.plan[2]': 'succeeded',
    'plan.t2-2': 'pending',
    'plan.t3': 'pending',
  });
  expect(graph.edges.map(({ from, to }) => `${from} > ${to}`)).toEqual([
    'plan.plan[1] > plan.t1',
    'plan.plan[1] > plan.t2',
    'plan.t2 > plan.plan[2]',
    'plan.plan[2] > plan.t2-2',
    'plan.t2-2 > plan.t3',
  ]);
});
