import type { Workflow, WorkflowNode, WorkflowOf } from './schema';

/**
 * A workflow as a graph, whatever its pattern.
 *
 * @public
 */
export interface WorkflowGraph {
  nodes: WorkflowNode[];
  /** Template of the answer; the output of the last node that ran unless given. */
  output?: string;
}

const ASKED = '{{ input.message }}';

/**
 * Writes a pattern out as the graph that it stands for. A graph stays as it is.
 *
 * @public
 */
export function expandWorkflow(workflow: Workflow): WorkflowGraph {
  switch (workflow.pattern) {
    case 'pipeline':
      return { nodes: pipeline(workflow) };
    case 'map-reduce':
      return { nodes: mapReduce(workflow), output: workflow.output };
    case 'supervisor':
      return {
        nodes: [
          {
            id: 'supervisor',
            type: 'supervisor',
            agents: workflow.agents,
            task: ASKED,
          },
        ],
      };
    case 'swarm':
      return {
        nodes: [
          {
            id: 'swarm',
            type: 'swarm',
            agents: workflow.agents,
            maxHandoffs: workflow.maxHandoffs,
            task: ASKED,
          },
        ],
      };
    case 'vote':
      return { nodes: vote(workflow), output: workflow.output };
    case 'debate':
      return { nodes: debate(workflow) };
    case 'plan-and-execute': {
      const { pattern, ...plan } = workflow;
      return { nodes: [{ id: 'plan', type: 'plan', goal: ASKED, ...plan }] };
    }
    default:
      return workflow;
  }
}

/** An id that a node may have, for the agent or tool of a ref. */
function idOf(ref: string, i: number): string {
  const name = ref
    .slice(ref.lastIndexOf('/') + 1)
    .replaceAll(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, 40);
  return `${/^[A-Za-z]/.test(name) ? name : `n-${name}`}-${i + 1}`;
}

function pipeline({ agents }: WorkflowOf<'pipeline'>): WorkflowNode[] {
  const ids = agents.map((each, i) =>
    idOf(typeof each === 'string' ? each : each.agent, i),
  );
  return agents.map((each, i) => {
    const told = `${ASKED}\n\nThis was found so far:\n{{ ${ids[i - 1]}.text }}`;
    return {
      id: ids[i],
      type: 'agent',
      ...(typeof each === 'string'
        ? { agent: each, task: i === 0 ? ASKED : told }
        : // What came before has no name that a person could know.
          {
            agent: each.agent,
            task: each.task.replaceAll(
              /\{\{\s*previous\s*\}\}/g,
              i === 0 ? ASKED : `{{ ${ids[i - 1]}.text }}`,
            ),
          }),
    };
  });
}

function mapReduce(workflow: WorkflowOf<'map-reduce'>): WorkflowNode[] {
  const { list, over, each, reduce, result } = workflow;
  const { maxItems, concurrency, onError } = workflow;
  return [
    ...(list ? [calling('list', list)] : []),
    {
      id: 'each',
      type: 'parallel',
      over,
      ...(maxItems && { maxItems }),
      ...(concurrency && { concurrency }),
      ...(onError && { onError }),
      ...(result !== undefined && { result }),
      nodes: [calling('work', each)],
    },
    ...(reduce ? [calling('reduce', reduce)] : []),
  ];
}

function calling(
  id: string,
  call: WorkflowOf<'map-reduce'>['each'],
): WorkflowNode {
  return 'agent' in call
    ? { id, type: 'agent', ...call }
    : { id, type: 'tool', ...call };
}

function vote(workflow: WorkflowOf<'vote'>): WorkflowNode[] {
  const { voters, question = ASKED, choices, rule, otherwise } = workflow;
  const asked = voters.map((voter, i) => {
    const { agent, task, weight } =
      typeof voter === 'string'
        ? { agent: voter, task: undefined, weight: undefined }
        : voter;
    return { id: idOf(agent, i), agent, task: task ?? question, weight };
  });
  return [
    ...asked.flatMap(({ id, agent, task }): WorkflowNode[] => [
      { id, type: 'agent', agent, task, after: [] },
      // The others go on without whoever cannot answer.
      {
        id: `${id}-abstains`,
        type: 'transform',
        title: 'Could not vote',
        after: `${id}.error`,
        set: { text: '' },
      },
    ]),
    {
      id: 'decision',
      type: 'decide',
      after: asked.flatMap(({ id }) => [id, `${id}-abstains`]),
      votes: asked.map(({ id, agent, weight }) => ({
        by: agent,
        says: `{{ ${id}.text ?? ${id}-abstains.text ?? '' }}`,
        ...(weight && { weight }),
      })),
      choices,
      ...(rule && { rule }),
      ...(otherwise && { otherwise }),
    },
  ];
}

function debate(workflow: WorkflowOf<'debate'>): WorkflowNode[] {
  const { agents, judge, rounds = 2, question = ASKED } = workflow;
  const ids = agents.map(idOf);
  const said = ids.map(id => `{{ ${id}.agent }}: {{ ${id}.text }}`).join('\n');
  return [
    {
      id: 'debate',
      type: 'loop',
      max: rounds,
      until: { value: '{{ loop.round }}', atLeast: rounds },
      carry: {
        said: { first: '', next: `{{ loop.said ?? '' }}\n${said}` },
      },
      nodes: agents.map((agent, i) => ({
        id: ids[i],
        type: 'agent',
        after: [],
        agent,
        task: `${question}\n{{ loop.said ?? '' }}`,
      })),
    },
    {
      id: 'judge',
      type: 'agent',
      agent: judge,
      task: `${question}\n\nOthers have said this; decide between them:\n{{ debate.said }}`,
    },
  ];
}
