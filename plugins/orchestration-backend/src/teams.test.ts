import { mockCredentials } from '@backstage/backend-test-utils';
import { agent, startPortal, until } from './__testUtils__/portal';
import type { ModelReply, ModelRequest } from './__testUtils__/scriptedModel';

const helpers = [
  agent('clerk', {
    handoffDescription: 'Knows invoices, payments and what is overdue.',
    tools: ['tool:default/books.find_invoice'],
    exampleQuestions: ['Which invoices\nare overdue?', 'What did C-1 pay?'],
  }),
  agent('scout', { handoffDescription: 'Knows stock in each warehouse.' }),
  agent('courier', {
    handoffDescription: 'Tracks parcels and stock on its way.',
  }),
];

function team(workflow: object, more: object = {}) {
  return agent('desk', {
    type: 'workflow',
    handoffs: helpers.map(({ metadata }) => `agent:default/${metadata.name}`),
    workflow,
    ...more,
  } as never);
}

function askedBy({ caller, body }: ModelRequest) {
  return {
    agent: caller.agentRef?.split('/')[1],
    question: String(
      body.messages.findLast(({ role }) => role === 'user')?.content,
    ),
    tools: body.tools?.map(({ function: { name } }) => name),
  };
}

/** One portal for all tests, because each takes seconds; what it is asked and says is theirs. */
const desk = team({ nodes: [] });
let portal: Awaited<ReturnType<typeof startPortal>>;
let respond: (asked: ReturnType<typeof askedBy>, index: number) => ModelReply;

beforeAll(async () => {
  portal = await startPortal({
    entities: [
      desk,
      ...helpers,
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'User',
        metadata: { name: 'dana', namespace: 'default' },
        spec: {},
      },
    ],
    model: (request, index) => respond(askedBy(request), index),
  });
});
afterAll(() => portal.stop());

async function runOf(
  workflow: object,
  model: typeof respond,
  message: string,
  threadId?: string,
) {
  desk.spec = team(workflow).spec;
  respond = model;
  portal.model.requests.length = 0;
  const run = await portal.run(message, { threadId });
  return { run, asked: portal.model.requests.map(askedBy) };
}

const handOver = (to: string, task: string): ModelReply => ({
  toolCalls: [{ name: `handoff_to_${to}`, args: { task } }],
});

describe('a supervisor', () => {
  it('hands parts of the work to others and answers itself', async () => {
    const { run, asked } = await runOf(
      { pattern: 'supervisor', agents: ['clerk', 'scout'] },
      ({ agent: who }, i) =>
        who === 'desk' && i === 0
          ? handOver('clerk', 'What is overdue?')
          : { text: who === 'clerk' ? 'Nothing.' : 'All is paid.' },
      'How are we doing?',
    );
    expect(run.output?.message).toBe('All is paid.');
    expect(asked.map(each => each.agent)).toEqual(['desk', 'clerk', 'desk']);
    expect(asked[0].tools).toEqual(['handoff_to_clerk', 'handoff_to_scout']);
    expect(portal.model.requests[0].body.tools![0].function.description).toBe(
      `Hands a task to another agent, The clerk, and gives back its answer. Knows invoices, payments and what is overdue.
Its tools: books.find_invoice.
It is asked, for example: Which invoices are overdue? What did C-1 pay?`,
    );
    const [supervisor, ...others] = run.steps;
    expect(supervisor).toMatchObject({ kind: 'node', nodePath: 'supervisor' });
    expect(others.every(({ nodePath }) => nodePath === undefined)).toBe(true);
    expect(run.usage).toMatchObject({ modelCalls: 3, toolCalls: 1 });
  });
});

describe('a swarm', () => {
  const swarm = {
    pattern: 'swarm',
    agents: ['clerk', 'scout', 'courier'],
    maxHandoffs: 3,
  };

  it('passes the whole work on until one of them answers', async () => {
    const { run, asked } = await runOf(
      swarm,
      ({ agent: who, question }) =>
        who === 'clerk'
          ? handOver('courier', 'Where is parcel 7?')
          : { text: `In Turin (${question})` },
      'Where is 7?',
    );
    expect(run.output?.message).toBe('In Turin (Where is parcel 7?)');
    expect(asked).toMatchObject([
      {
        agent: 'clerk',
        question: 'Where is 7?',
        tools: ['handoff_to_scout', 'handoff_to_courier'],
      },
      { agent: 'courier', question: 'Where is parcel 7?' },
    ]);
    // No one waits for another: they stand beside each other.
    const [node, ...steps] = run.steps;
    expect(
      steps
        .filter(({ nodePath }) => nodePath)
        .map(({ parentId, nodePath, name }) => [
          parentId === node.id,
          nodePath,
          name,
        ]),
    ).toEqual([
      [true, 'swarm[1]', 'agent:default/clerk'],
      [true, 'swarm[2]', 'agent:default/courier'],
    ]);
  });

  it('goes on in a conversation with whoever answered last', async () => {
    const turn = async (message: string, threadId?: string) => {
      const { run, asked } = await runOf(
        swarm,
        ({ agent: who, question }) =>
          who === 'clerk'
            ? handOver('courier', question)
            : { text: 'In Turin' },
        message,
        threadId,
      );
      return { ...run, asked: asked.map(each => each.agent) };
    };
    const first = await turn('Where is 7?');
    expect(first.asked).toEqual(['clerk', 'courier']);
    const next = await turn('And 8?', first.threadId);
    expect([next.asked, next.output?.message]).toEqual([
      ['courier'],
      'In Turin',
    ]);
    expect((await turn('Where is 9?')).asked).toEqual(['clerk', 'courier']);
  });

  it('that only passes work on is ended', async () => {
    const { run } = await runOf(
      swarm,
      ({ agent: who }) => handOver(who === 'clerk' ? 'scout' : 'clerk', 'x'),
      'Ping',
    );
    expect(run.error).toMatchObject({
      name: 'NodeFailed',
      message: expect.stringContaining(
        'the agents passed the work on 4 times and nobody answered: agent:default/clerk → agent:default/scout',
      ),
    });
  });
});

describe('plan-and-execute', () => {
  const pattern = 'plan-and-execute';
  const agents = ['clerk', 'scout', 'courier'];

  it('without a planner matches parts of the goal to agents, and says so', async () => {
    const { run, asked } = await runOf(
      { pattern, agents },
      ({ agent: who }) => ({ text: `${who} is done` }),
      'Find which invoices are overdue, and tell the stock of each warehouse. Then track their parcels.',
    );
    expect(run.error).toBeUndefined();
    expect(run.output?.message).toBe(
      '**The clerk**: clerk is done\n\n**The scout**: scout is done\n\n**The courier**: courier is done\n\nPlanned by the portal, which matched parts of the goal to what agents say they can do; no model has planned.',
    );
    expect(asked.find(each => each.agent === 'courier')!.question).toBe(
      'track their parcels.\n\nThis was found so far:\nscout is done',
    );
    expect(run.graph).toMatchObject({
      nodes: [
        { id: 'plan', state: 'succeeded' },
        { id: 'plan.plan[1]', parentId: 'plan', type: 'plan' },
        { id: 'plan.t1', parentId: 'plan', type: 'agent', state: 'succeeded' },
        { id: 'plan.t2' },
        { id: 'plan.t3' },
      ],
      edges: [
        { from: 'plan.plan[1]', to: 'plan.t1' },
        { from: 'plan.plan[1]', to: 'plan.t2' },
        { from: 'plan.t2', to: 'plan.t3' },
      ],
    });
    expect(run.steps[1]).toMatchObject({
      kind: 'node',
      nodePath: 'plan.plan[1]',
      output: {
        tasks: [{ id: 't1' }, { id: 't2' }, { id: 't3', after: ['t2'] }],
      },
    });
  });

  it('gives what fails to whoever fits next, so often at most', async () => {
    const model = ({ agent: who }: { agent?: string }): ModelReply =>
      who === 'scout'
        ? { refuse: { status: 500, name: 'E', message: 'The scout is away.' } }
        : { text: `${who} is done` };
    const goal = 'What is the stock in the warehouse?';
    const { run } = await runOf({ pattern, agents }, model, goal);
    expect(run.output?.message).toContain('**The courier**: courier is done');
    expect(
      run.steps.filter(({ kind }) => kind === 'agent').map(s => s.nodePath),
    ).toEqual(['plan.t1', 'plan.t1-2']);
    const strict = await runOf(
      { pattern, agents, maxRevisions: 0 },
      model,
      goal,
    );
    expect(strict.run.error?.message).toBe(
      'The node plan of the workflow failed: The scout is away. The plan was revised 0 times.',
    );
  });

  it('says so when nobody fits', async () => {
    const { run } = await runOf(
      { pattern, agents },
      () => ({ text: 'x' }),
      'Explain quantum entanglement',
    );
    expect(run.error?.message).toContain(
      'no part of the goal fits what its agents say they can do',
    );
  });

  it('checks what a planner says, and asks it again', async () => {
    const plans = [
      'I would ask somebody.',
      '{"tasks":[{"id":"a","agent":"agent:default/payroll","task":"x"}]}',
      'Here: {"tasks":[{"id":"a","agent":"agent:default/clerk","task":"Find"},{"id":"b","agent":"agent:default/courier","task":"Track","after":["a"]}]}',
    ];
    let asked = 0;
    const seen: string[] = [];
    const { run } = await runOf(
      { pattern, planner: 'scout', agents: ['clerk', 'courier'] },
      ({ agent: who, question }) => {
        if (who === 'scout') {
          seen.push(question);
        }
        return { text: who === 'scout' ? plans[asked++] : `${who} is done` };
      },
      'Do it',
    );
    expect(run.output?.message).toBe(
      '**The clerk**: clerk is done\n\n**The courier**: courier is done\n\nPlanned by The scout.',
    );
    expect(seen[2]).toContain(
      'Your last plan cannot be carried out: task a is for agent:default/payroll, which may not be asked.',
    );
  });
});

describe('a human node', () => {
  it('asks a person, lets the run wait, and goes on with the answer', async () => {
    desk.spec = team({
      nodes: [
        {
          id: 'ask',
          type: 'human',
          question: 'May {{ input.message }} be shipped?',
          askedOf: ['user:default/dana'],
          form: {
            type: 'object',
            required: ['ship'],
            properties: { ship: { type: 'boolean', title: 'Ship it' } },
          },
        },
        {
          id: 'decide',
          type: 'condition',
          cases: [{ id: 'yes', when: { value: '{{ ask.ship }}', is: true } }],
        },
        {
          id: 'go',
          type: 'transform',
          after: 'decide.yes',
          set: { text: 'Shipped' },
        },
        {
          id: 'no',
          type: 'transform',
          after: 'decide.else',
          set: { text: 'Kept' },
        },
      ],
    }).spec;
    const { id } = await portal.client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: 'order 7' },
    });
    const waiting = await until(
      () => portal.client.getRun(id),
      ({ status }) => status === 'interrupted',
    );
    expect(waiting).toMatchObject({
      waitingFor: [
        {
          kind: 'question',
          title: 'May order 7 be shipped?',
          askedOf: ['user:default/dana'],
        },
      ],
      steps: [{ nodePath: 'ask', status: 'waiting' }],
    });
    const [{ approvalId }] = waiting.waitingFor!;
    const answer = await fetch(
      `http://localhost:${portal.server.port()}/api/agents/approvals/${approvalId}/answer`,
      {
        method: 'POST',
        headers: {
          authorization: mockCredentials.user.header('user:default/dana'),
          'content-type': 'application/json',
        },
        body: JSON.stringify({ values: { ship: true } }),
      },
    );
    expect(answer.status).toBe(200);
    const run = await until(
      () => portal.client.getRun(id),
      ({ status }) => status === 'succeeded',
    );
    expect(run.output?.message).toBe('Shipped');
    expect(run.steps.map(step => step.nodePath)).toEqual([
      'ask',
      'decide',
      'go',
    ]);
  });
});
