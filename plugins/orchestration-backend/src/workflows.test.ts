import {
  type ForkRunRequest,
  type Run,
  WORKFLOW_LIMITS,
} from '@agentportal/plugin-orchestration-common';
import { TestDatabases } from '@backstage/backend-test-utils';
import { agent, startPortal, until, untilEnded } from './__testUtils__/portal';
import type { ModelReply, ModelRequest } from './__testUtils__/scriptedModel';
import { ToolGateway } from './__testUtils__/toolGateway';
import { bounded } from './events/bounded';
import type { StoredStep } from './store/references';
import { keptSteps } from './workflows/keptSteps';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const FIND = 'tool:default/orders.find_order';
const helpers = [agent('clerk'), agent('scout'), agent('judge')];

function workflow(spec: object, more: object = {}) {
  return agent('desk', {
    type: 'workflow',
    tools: [FIND, 'tool:default/orders.cancel_order'],
    handoffs: helpers.map(({ metadata }) => `agent:default/${metadata.name}`),
    workflow: spec,
    ...more,
  } as never);
}

/** Which agent asks a model, and what. */
function askedBy({ caller, body }: ModelRequest) {
  return {
    agent: caller.agentRef?.split('/')[1],
    question: String(body.messages.at(-1)!.content),
  };
}

/** Steps by node, with what they say of themselves. */
function nodesOf(run: Run) {
  return run.steps
    .filter(step => step.nodePath)
    .map(({ kind, nodePath, status }) => `${nodePath} ${kind} ${status}`);
}

type CallTool = NonNullable<ConstructorParameters<typeof ToolGateway>[0]>;

function gateway(
  answer: (args: Record<string, unknown>) => object = args => ({
    number: args.number,
    status: 'shipped',
  }),
): CallTool {
  return (_name, args) => {
    const structuredContent = answer(args) as Record<string, unknown>;
    return structuredContent.error
      ? {
          isError: true,
          content: [{ type: 'text', text: String(structuredContent.error) }],
        }
      : {
          content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
          structuredContent,
        };
  };
}

const find = {
  id: 'find',
  type: 'tool',
  tool: FIND,
  input: { number: '{{ input.message }}' },
};
const say = (id: string, text: string, after?: unknown) => ({
  id,
  type: 'transform',
  set: { text },
  ...(after === undefined ? {} : { after }),
});

/** One portal for all tests, because each takes seconds; what it is asked and says is theirs. */
const desk = workflow({ nodes: [] });
let portal: Awaited<ReturnType<typeof startPortal>>;
let respond: (request: ModelRequest, index: number) => ModelReply;
let callTool: CallTool;

beforeAll(async () => {
  portal = await startPortal({
    entities: [desk, ...helpers],
    model: (request, index) => respond(request, index),
    tools: new ToolGateway((...call) => callTool(...call)),
  });
});
afterAll(() => portal.stop());

async function runOf(
  spec: object,
  options: { model?: typeof respond; tools?: CallTool; message?: string } = {},
  more: object = {},
) {
  desk.spec = workflow(spec, more).spec;
  respond = options.model ?? (() => ({ text: 'Hello.' }));
  callTool = options.tools ?? gateway();
  portal.model.requests.length = 0;
  portal.tools.calls.length = 0;
  return portal.run(options.message ?? '42');
}

describe('a graph', () => {
  const branching = {
    nodes: [
      find,
      {
        id: 'decide',
        type: 'condition',
        cases: [
          { id: 'late', when: { value: '{{ find.status }}', is: 'delayed' } },
        ],
      },
      say('sorry', 'We are sorry', 'decide.late'),
      say('gift', '{{ sorry.text }}, here is a gift', 'sorry'),
      say('fine', 'All is well', 'decide.else'),
      // One long branch and one short one into one join, and one from before.
      say('join', '{{ gift.text ?? fine.text }} with {{ find.number }}', [
        'gift',
        'fine',
        'find',
      ]),
    ],
  };

  it('runs each node once and joins once, whichever branch is taken', async () => {
    const run = await runOf(branching);
    expect(run.error).toBeUndefined();
    expect(run.output?.message).toBe('All is well with 42');
    expect(nodesOf(run)).toEqual([
      'find tool succeeded',
      'decide node succeeded',
      'fine node succeeded',
      'join node succeeded',
    ]);
    expect(portal.tools.calls).toMatchObject([
      {
        name: 'orders.find_order',
        args: { number: '42' },
        provenance: { number: ['person'] },
      },
    ]);
    expect(run.graph).toMatchObject({
      nodes: [
        { id: 'find', type: 'tool', state: 'succeeded' },
        { id: 'decide', type: 'condition', state: 'succeeded' },
        { id: 'sorry', state: 'skipped' },
        { id: 'fine', state: 'succeeded' },
        { id: 'gift', state: 'skipped' },
        { id: 'join', state: 'succeeded' },
      ],
      edges: [
        { from: 'find', to: 'decide', state: 'taken' },
        { from: 'decide', to: 'sorry', handle: 'late', state: 'skipped' },
        { from: 'decide', to: 'fine', handle: 'else', state: 'taken' },
        { from: 'sorry', to: 'gift', state: 'skipped' },
        { from: 'gift', to: 'join', state: 'skipped' },
        { from: 'fine', to: 'join', state: 'taken' },
        { from: 'find', to: 'join', state: 'taken' },
      ],
    });
    const late = await runOf(branching, {
      tools: gateway(() => ({ number: 7, status: 'delayed' })),
    });
    expect(late.output?.message).toBe('We are sorry, here is a gift with 7');
    expect(nodesOf(late)).toEqual([
      'find tool succeeded',
      'decide node succeeded',
      'sorry node succeeded',
      'gift node succeeded',
      'join node succeeded',
    ]);
  });

  it('of many nodes in a row has no limit but its own', async () => {
    const nodes = Array.from({ length: 60 }, (_, i) =>
      say(`n${i}`, i ? `{{ n${i - 1}.text }}.` : 'x'),
    );
    const run = await runOf({ nodes });
    expect(run.output?.message).toBe(`x${'.'.repeat(59)}`);
  });

  it('goes on where a failure is provided for, and says which node failed where it is not', async () => {
    const nodes = [
      find,
      say('sorry', '{{ find.error.message }}', 'find.error'),
    ];
    const tools = () => gateway(() => ({ error: 'No such order' }));
    const run = await runOf({ nodes }, { tools: tools() });
    expect(run).toMatchObject({
      status: 'succeeded',
      output: {
        message: 'The node find of the workflow failed: No such order.',
      },
    });
    const failed = await runOf({ nodes: [find] }, { tools: tools() });
    expect(failed).toMatchObject({
      status: 'failed',
      error: {
        name: 'NodeFailed',
        message: 'The node find of the workflow failed: No such order.',
      },
    });
  });

  it('that fails at one node leaves nothing under way beside it', async () => {
    const beside = (id: string) => ({
      ...find,
      id,
      after: [],
      input: { number: id },
    });
    let ended = 0;
    const run = await runOf(
      {
        nodes: [
          beside('bad'),
          {
            id: 'each',
            type: 'parallel',
            concurrency: 1,
            after: [],
            over: ['slow', 'never'],
            nodes: [{ ...find, input: { number: '{{ item }}' } }],
          },
        ],
      },
      {
        tools: async (_name, { number }) => {
          if (number === 'bad') {
            return {
              isError: true,
              content: [{ type: 'text', text: 'No such order' }],
            };
          }
          await new Promise(resolve => setTimeout(resolve, 400));
          ended += 1;
          return { content: [{ type: 'text', text: 'Here.' }] };
        },
      },
    );
    expect(run.error?.name).toBe('NodeFailed');
    expect(ended).toBe(1);
    expect(nodesOf(run)).toEqual([
      'bad tool failed',
      'each node failed',
      'each[0].find tool succeeded',
    ]);
  });

  it('says which value is missing', async () => {
    const run = await runOf({
      nodes: [find, say('a', '{{ find.state }}')],
    });
    expect(run.error?.message).toBe(
      'The node a of the workflow failed: {{ find.state }} leads nowhere: find has number, status, but no state.',
    );
    expect(nodesOf(run)).toEqual(['find tool succeeded', 'a node failed']);
  });

  it('keeps to the quotas of its run over all nodes', async () => {
    const nodes = [1, 2, 3, 4].map(i => ({ ...find, id: `find${i}` }));
    const run = await runOf({ nodes }, {}, { quotas: { maxToolCalls: 3 } });
    expect(run.error?.name).toBe('QuotaExceeded');
    expect(portal.tools.calls).toHaveLength(3);
  });

  it('asks the model of its agent', async () => {
    const run = await runOf(
      {
        nodes: [
          {
            id: 'sort',
            type: 'model',
            prompt: 'What is {{ input.message }} about?',
            choices: [
              { id: 'bill', says: ['invoice', 'bill'] },
              { id: 'other' },
            ],
          },
          say('answer', '{{ sort.choice }}'),
        ],
      },
      { model: () => ({ text: 'It is about an Invoice.' }) },
    );
    expect(run.output?.message).toBe('bill');
    expect(portal.model.requests.map(askedBy)).toEqual([
      { agent: 'desk', question: 'What is 42 about?' },
    ]);
    expect(run.usage).toMatchObject({ modelCalls: 1, costNanoUsd: 1_500 });
  });

  it('repeats what is in a loop, with what goes from round to round', async () => {
    let status = 0;
    const run = await runOf(
      {
        nodes: [
          {
            id: 'again',
            type: 'loop',
            max: 5,
            until: { value: '{{ look.status }}', is: 'done' },
            carry: {
              seen: { first: '', next: '{{ loop.seen ?? "" }}{{ look.n }}' },
            },
            nodes: [{ ...find, id: 'look' }],
          },
          say(
            'answer',
            '{{ again.rounds }} {{ again.ended }} {{ again.seen }}',
          ),
        ],
      },
      {
        tools: gateway(() => {
          status += 1;
          return { n: status, status: status === 4 ? 'done' : 'waiting' };
        }),
      },
    );
    expect(run.error).toBeUndefined();
    expect(run.output?.message).toBe('4 until 1234');
    expect(nodesOf(run)).toEqual([
      'again node succeeded',
      ...[1, 2, 3, 4].map(i => `again[${i}].look tool succeeded`),
      'answer node succeeded',
    ]);
  });

  it('comes to an end, however often loops and maps repeat each other', async () => {
    const limit = jest.replaceProperty(
      WORKFLOW_LIMITS as { visits: number },
      'visits',
      7,
    );
    const loop = (id: string, nodes: object[]) => ({
      id,
      type: 'loop',
      max: 3,
      until: { value: '{{ loop.round }}', is: 3 },
      nodes,
    });
    const run = await runOf({
      nodes: [loop('outer', [loop('inner', [say('a', 'x')])])],
    });
    limit.restore();
    expect(run.error).toMatchObject({
      name: 'QuotaExceeded',
      message: expect.stringContaining('Stopped after 7 steps of the workflow'),
    });
    expect(run.steps).toHaveLength(7);
  });

  it('waits', async () => {
    const run = await runOf({
      nodes: [
        { id: 'pause', type: 'wait', seconds: 0.3 },
        say('answer', 'Now'),
      ],
    });
    expect(run.output?.message).toBe('Now');
    expect(run.steps[0].durationMs).toBeGreaterThanOrEqual(290);
  });

  it('waits no longer when a node beside it has failed', async () => {
    const wait = (id: string) => ({ id, type: 'wait', seconds: 60, after: [] });
    const run = await runOf(
      {
        nodes: [
          { ...find, after: [] },
          wait('pause'),
          {
            id: 'each',
            type: 'parallel',
            after: [],
            over: [1],
            nodes: [wait('rest')],
          },
        ],
      },
      { tools: gateway(() => ({ error: 'No such order' })) },
    );
    expect(run.error?.message).toBe(
      'The node find of the workflow failed: No such order.',
    );
    expect(nodesOf(run).sort()).toEqual([
      'each node failed',
      'each[0].rest node failed',
      'find tool failed',
      'pause node failed',
    ]);
  });
});

describe('a map', () => {
  const map = (more: object) => ({
    nodes: [
      { ...find, id: 'list' },
      {
        id: 'each',
        type: 'parallel',
        over: '{{ list.orders }}',
        nodes: [{ ...find, input: { number: '{{ item }}' } }],
        result: '{{ index }}:{{ find.status }}',
        ...more,
      },
      say('answer', '{{ each.items }} of {{ each.count }}'),
    ],
  });
  const tools = (seen: { most: number }) => {
    let open = 0;
    return async (_name: string, { number }: Record<string, unknown>) => {
      open += 1;
      seen.most = Math.max(seen.most, open);
      await new Promise(resolve => setTimeout(resolve, 30));
      open -= 1;
      if (number === 3) {
        const content = [{ type: 'text' as const, text: 'Lost' }];
        return { isError: true, content };
      }
      const structuredContent =
        typeof number === 'number'
          ? { status: `s${number}` }
          : { orders: [1, 2, 3, 4, 5, 6] };
      return { content: [], structuredContent };
    };
  };

  it('does the same for each item, so many at a time, and keeps order and errors', async () => {
    const seen = { most: 0 };
    const run = await runOf(map({ concurrency: 2, onError: 'collect' }), {
      tools: tools(seen),
    });
    expect(run.output?.message).toBe('0:s1\n1:s2\n3:s4\n4:s5\n5:s6 of 6');
    expect(seen.most).toBe(2);
    const each = run.steps.find(({ nodePath }) => nodePath === 'each')!;
    expect(each.output).toMatchObject({
      errors: [
        { index: 2, message: 'The node find of the workflow failed: Lost.' },
      ],
    });
    expect(
      run.steps.filter(({ parentId }) => parentId === each.id),
    ).toHaveLength(6);
    expect(run.graph!.nodes[2]).toMatchObject({
      id: 'each.find',
      parentId: 'each',
      counts: { running: 0, succeeded: 5, failed: 1 },
    });
  });

  it('ends with the first error, and with too many items, unless told otherwise', async () => {
    const run = await runOf(map({}), { tools: tools({ most: 0 }) });
    expect(run.error?.message).toBe(
      'The node find of the workflow failed: Lost.',
    );
    const many = await runOf(map({ maxItems: 5 }), {
      tools: tools({ most: 0 }),
    });
    expect(many.error?.message).toBe(
      'The node each of the workflow failed: over has 6 items, more than the 5 of maxItems.',
    );
  });
});

describe('agents', () => {
  const answering = (request: ModelRequest) => ({
    text: `${askedBy(request).agent} says ${askedBy(request).question.length}`,
  });

  it('of a pipeline are told what the one before has said', async () => {
    const run = await runOf(
      {
        pattern: 'pipeline',
        agents: ['clerk', { agent: 'scout', task: 'Check: {{ previous }}' }],
      },
      { model: answering, message: 'Where?' },
    );
    expect(run.error).toBeUndefined();
    expect(portal.model.requests.map(askedBy)).toEqual([
      { agent: 'clerk', question: 'Where?' },
      { agent: 'scout', question: 'Check: clerk says 6' },
    ]);
    expect(run.output?.message).toBe('scout says 19');
    const [first] = run.steps;
    expect(first).toMatchObject({
      kind: 'agent',
      name: 'agent:default/clerk',
      nodePath: 'clerk-1',
    });
    expect(run.steps[1]).toMatchObject({ kind: 'model', parentId: first.id });
    expect(run.steps[1].nodePath).toBeUndefined();
    expect(run.usage.modelCalls).toBe(2);
  });

  it('vote, and the answer says who could not and why', async () => {
    const run = await runOf(
      {
        pattern: 'vote',
        voters: ['clerk', 'scout', { agent: 'judge', weight: 2 }],
        choices: [{ id: 'yes', says: ['yes', 'sure'] }, { id: 'no' }],
        rule: 'majority',
      },
      {
        model: request =>
          ({
            clerk: { refuse: { status: 500, name: 'E', message: 'Away' } },
            scout: { text: 'Yes, it is.' },
            judge: { text: 'I am sure.' },
          }[askedBy(request).agent!]!),
      },
    );
    expect(run.output?.message).toBe(
      'yes: yes 3, no 0, could not vote 1; 3 of 4 were needed. clerk: Away.',
    );
  });

  it('of a vote that all fail have decided nothing', async () => {
    const run = await runOf(
      {
        pattern: 'vote',
        voters: ['clerk', 'scout'],
        choices: [{ id: 'yes' }, { id: 'no' }],
        rule: { quorum: 1 },
        otherwise: 'no',
      },
      {
        model: () => ({ refuse: { status: 500, name: 'E', message: 'Away' } }),
      },
    );
    expect(run.output).toBeUndefined();
    expect(run.error?.message).toBe(
      'The node decision of the workflow failed: nobody could vote: clerk: Away. scout: Away.',
    );
  });

  it('of a vote with a quorum are stopped when it is decided without them', async () => {
    const run = await runOf(
      {
        pattern: 'vote',
        voters: ['clerk', 'scout', 'judge'],
        choices: [{ id: 'yes' }, { id: 'no' }],
        rule: { quorum: 2 },
      },
      {
        model: request =>
          askedBy(request).agent === 'judge' ? { hang: true } : { text: 'Yes' },
      },
    );
    expect(run.output?.message).toBe(
      'yes: yes 2, no 0, not waited for 1; 2 of 3 were needed.',
    );
    expect(nodesOf(run).sort()).toEqual([
      'clerk-1 agent succeeded',
      'decision node succeeded',
      'judge-3 agent failed',
      'judge-3-abstains node succeeded',
      'scout-2 agent succeeded',
    ]);
    const stopped = run.steps.filter(({ status }) => status === 'failed');
    expect(stopped.map(({ kind, error }) => [kind, error?.name])).toEqual([
      ['agent', 'NotNeeded'],
      ['model', 'NotNeeded'],
    ]);
    await until(
      () => portal.model.requests.filter(({ hungUp }) => hungUp),
      requests => requests.length === 1,
    );
  });

  it('debate in rounds, and a judge decides', async () => {
    const run = await runOf(
      { pattern: 'debate', agents: ['clerk', 'scout'], judge: 'judge' },
      {
        model: (request, i) => ({ text: `${askedBy(request).agent}-${i}` }),
        message: 'Ship it?',
      },
    );
    expect(run.error).toBeUndefined();
    expect(run.output?.message).toBe('judge-4');
    const last = askedBy(portal.model.requests[4]);
    expect(last.question).toMatch(/The clerk: clerk-\d\nThe scout: scout-\d/);
    expect(last.question).toContain('Ship it?');
  });

  it('that the person may not run fail their node in words', async () => {
    const run = await runOf(
      { nodes: [{ id: 'ask', type: 'agent', agent: 'gone', task: 'x' }] },
      {},
      { handoffs: ['agent:default/gone'] },
    );
    expect(run.error?.message).toBe(
      'The node ask of the workflow failed: agent:default/gone cannot be asked: it is not in the catalog, cannot be run now, or whoever started this may not run it.',
    );
  });
});

describe.each(databases.eachSupportedId())(
  'a run that goes on in another process, on %s',
  databaseId => {
    it('repeats nothing that has ended, in loops and maps and agents too', async () => {
      const knex = await databases.init(databaseId);
      const agentsKnex = await databases.init(databaseId);
      const spec = {
        nodes: [
          find,
          {
            id: 'each',
            type: 'parallel',
            concurrency: 1,
            over: '{{ find.orders }}',
            nodes: [
              {
                id: 'again',
                type: 'loop',
                max: 2,
                until: { value: '{{ loop.round }}', is: 2 },
                nodes: [
                  {
                    id: 'cancel',
                    type: 'tool',
                    tool: 'tool:default/orders.cancel_order',
                    input: { number: '{{ item }}-{{ loop.round }}' },
                  },
                  {
                    id: 'ask',
                    type: 'agent',
                    agent: 'clerk',
                    task: '{{ item }}-{{ loop.round }}',
                  },
                ],
              },
            ],
            result: '{{ again.last.ask.text }}',
          },
        ],
        output: '{{ each.items }}',
      };
      const tools = () =>
        new ToolGateway((name, args) => ({
          content: [],
          structuredContent: name.endsWith('find_order')
            ? { orders: ['a', 'b'] }
            : { cancelled: args.number },
        }));
      const entities = [workflow(spec), ...helpers];
      const config = { leaseSeconds: 1, shutdownGraceSeconds: 0.2 };
      const start = () => ({
        knex,
        agentsKnex,
        entities,
        config,
        tools: tools(),
      });
      const answer = (request: ModelRequest) => ({
        text: `done ${askedBy(request).question}`,
      });
      const first = await startPortal({
        ...start(),
        model: (request, i) => (i === 2 ? { hang: true } : answer(request)),
      });
      const { id } = await first.client.createRun({
        agentRef: 'agent:default/desk',
        input: { message: '42' },
      });
      await until(
        () => first.model.requests.length,
        count => count === 3,
      );
      await first.stop();

      const next = await startPortal({ ...start(), model: answer });
      const run = await untilEnded(next.client, id);
      expect(run.error).toBeUndefined();
      expect(run.output?.message).toBe('done a-2\ndone b-2');
      const made = [first, next].map(({ tools: { calls } }) =>
        calls.map(({ args }) => args.number),
      );
      expect(made).toEqual([['42', 'a-1', 'a-2', 'b-1'], ['b-2']]);
      expect(
        [first, next].map(({ model }) =>
          model.requests.map(request => askedBy(request).question),
        ),
      ).toEqual([
        ['a-1', 'a-2', 'b-1'],
        ['b-1', 'b-2'],
      ]);
      expect(
        run.steps.filter(({ kind }) => kind === 'node').map(n => n.nodePath),
      ).toEqual(['each', 'each[0].again', 'each[1].again']);
      expect(run.steps.every(({ status }) => status !== 'running')).toBe(true);
      expect(await knex('orchestration_checkpoint_threads')).toEqual([]);
      await next.stop();
    });
  },
);

describe('a run that is repeated', () => {
  const again = async (id: string, request: ForkRunRequest = {}) => {
    portal.model.requests.length = 0;
    portal.tools.calls.length = 0;
    const fork = await portal.client.forkRun(id, request);
    return untilEnded(portal.client, fork.id);
  };
  const stepAt = (run: Run, path: string) =>
    run.steps.findLast(({ nodePath }) => nodePath === path)!;
  /** What is done anew, by what it is told. */
  const doneNow = () =>
    [
      ...portal.tools.calls.map(({ args }) => args.number),
      ...portal.model.requests.map(request => askedBy(request).question),
    ].sort();

  it('begins at its first node with the question as it was', async () => {
    const nodes = [
      { id: 'ask', type: 'model', prompt: 'About {{ input.message }}?' },
    ];
    const { id } = await runOf(
      { nodes },
      { model: request => ({ text: `Of ${askedBy(request).question}` }) },
    );
    const run = await again(id);
    expect(run.input.message).toBe('42');
    expect(run.output?.message).toBe('Of About 42?');
    expect(run.steps[0].kept).toBeUndefined();
  });

  const order = (id: string, number: string, after?: unknown) => ({
    ...find,
    id,
    input: { number },
    ...(after !== undefined && { after }),
  });
  /** Branches side by side, one not taken, one that fails, a loop, a map with failures, and joins. */
  const everything = {
    nodes: [
      order('start', 'start'),
      {
        id: 'which',
        type: 'condition',
        cases: [{ id: 'never', when: { value: '{{ start.n }}', is: 'x' } }],
      },
      order('dead', 'dead', 'which.never'),
      { ...order('broken', 'fails', 'start') },
      order('mend', 'mend', 'broken.error'),
      {
        id: 'rounds',
        type: 'loop',
        after: 'which.else',
        max: 3,
        until: { value: '{{ loop.round }}', is: 3 },
        carry: { seen: { first: '', next: '{{ loop.seen ?? "" }}{{ a.n }}' } },
        nodes: [
          order('a', 'a{{ loop.round }}'),
          order('b', 'b{{ loop.round }} {{ loop.seen ?? "" }}'),
        ],
      },
      {
        id: 'each',
        type: 'parallel',
        after: 'start',
        onError: 'collect',
        over: ['p', 'fails q', 'r'],
        nodes: [
          order('one', '{{ item }}'),
          { id: 'ask', type: 'agent', agent: 'clerk', task: 'on {{ one.n }}' },
        ],
      },
      {
        id: 'sum',
        type: 'model',
        after: ['rounds', 'each'],
        prompt: 'sum {{ rounds.seen ?? "" }}',
      },
      say(
        'join',
        '{{ sum.text }} {{ each.items }} {{ mend.n ?? "" }} {{ dead.n ?? "-" }}',
        ['sum', 'each', 'mend', 'dead'],
      ),
      order('last', 'last {{ join.text }}'),
    ],
    output: '{{ last.n }}',
  };
  const behave = {
    model: (request: ModelRequest) => ({
      text: `<${askedBy(request).question}>`,
    }),
    tools: gateway(({ number }) =>
      String(number).startsWith('fails')
        ? { error: 'No such order' }
        : { n: `(${number})` },
    ),
  };
  const outerStates = ({ graph }: Run) =>
    graph!.nodes.flatMap(({ parentId, state }) => (parentId ? [] : state));
  const LAST = 'last <sum (a1)(a2)(a3)> <on (p)>\n<on (r)> (mend) -';

  it('does anew what depends on the step, and nothing else', async () => {
    const run = await runOf(everything, behave);
    expect(run.error).toBeUndefined();
    const all = doneNow();
    const round = (n: number) => [
      `a${n}`,
      `b${n} ${[1, 2].map(i => (i < n ? `(a${i})` : '')).join('')}`,
    ];
    const summed = ['sum (a1)(a2)(a3)', LAST];
    // Where it begins, and what is done anew then, in words of its own.
    const table: Record<string, string[]> = {
      start: all as string[],
      which: [...[1, 2, 3].flatMap(round), ...summed],
      broken: ['fails', 'mend', LAST],
      mend: ['mend', LAST],
      rounds: [...[1, 2, 3].flatMap(round), ...summed],
      'rounds[1].a': [...[1, 2, 3].flatMap(round), ...summed],
      'rounds[2].b': [round(2)[1], ...round(3), ...summed],
      each: ['p', 'fails q', 'r', 'on (p)', 'on (r)', 'sum (a1)(a2)(a3)', LAST],
      'each[1].one': ['fails q', 'sum (a1)(a2)(a3)', LAST],
      'each[2].ask': ['on (r)', 'sum (a1)(a2)(a3)', LAST],
      sum: summed,
      join: [LAST],
      last: [LAST],
    };
    const paths = run.steps.flatMap(({ nodePath }) => nodePath ?? []);
    expect(Object.keys(table).filter(path => !paths.includes(path))).toEqual(
      [],
    );
    for (const [path, expected] of Object.entries(table)) {
      const fork = await again(run.id, { fromStep: stepAt(run, path).index });
      expect({ path, done: doneNow() }).toEqual({
        path,
        done: [...expected].sort(),
      });
      expect(fork.output).toEqual(run.output);
      // It looks as if it had done everything, and has paid for what it did.
      expect(nodesOf(fork).sort()).toEqual(nodesOf(run).sort());
      expect(outerStates(fork)).toEqual(outerStates(run));
      expect(fork.usage.modelCalls).toBe(portal.model.requests.length);
      const ids = new Set(fork.steps.map(({ id }) => id));
      expect(
        fork.steps.every(({ parentId }) => !parentId || ids.has(parentId)),
      ).toBe(true);
    }
    // One that took steps over can be repeated itself.
    const fork = await again(run.id, { fromStep: stepAt(run, 'sum').index });
    const third = await again(fork.id, {
      fromStep: stepAt(fork, 'join').index,
    });
    expect(doneNow()).toEqual([LAST]);
    expect(third.forkedFrom?.runId).toBe(fork.id);
  });

  it('uses another model and what is said to have come back before', async () => {
    const run = await runOf(everything, behave);
    const told = run.messages!.find(
      ({ role, toolCallId }) => role === 'tool' && toolCallId === 'mend',
    )!;
    const fork = await again(run.id, {
      fromStep: stepAt(run, 'sum').index,
      model: 'model:default/strong',
      messages: [{ id: told.id, content: '{"n":"otherwise"}' }],
    });
    expect(fork.output?.message).toContain('otherwise');
    expect(portal.model.requests.map(({ body }) => body.model)).toEqual([
      'model:default/strong',
    ]);
    expect(stepAt(fork, 'mend')).toMatchObject({
      kept: true,
      output: { structuredContent: { n: 'otherwise' } },
    });
    // Inside a map the sum of all items is another one then.
    const item = run.messages!.find(
      ({ role, toolCallId }) => role === 'tool' && toolCallId === 'each[2].ask',
    )!;
    const other = await again(run.id, {
      fromStep: stepAt(run, 'join').index,
      messages: [{ id: item.id, content: 'nothing on r' }],
    });
    expect(doneNow()).toEqual([LAST.replace('<on (r)>', 'nothing on r')]);
    expect(stepAt(other, 'each').kept).toBeUndefined();
  });

  it('goes on where it failed', async () => {
    const nodes = [
      order('one', 'one'),
      {
        id: 'each',
        type: 'parallel',
        concurrency: 1,
        over: ['x', 'y', 'z'],
        nodes: [order('look', '{{ item }}')],
      },
    ];
    const run = await runOf(
      { nodes },
      {
        tools: gateway(({ number }) =>
          number === 'y' ? { error: 'Away' } : { n: number },
        ),
      },
    );
    expect(run.status).toBe('failed');
    callTool = gateway(({ number }) => ({ n: number }));
    const failed = stepAt(run, 'each[1].look');
    const fork = await again(run.id, { fromStep: failed.index });
    expect(fork.status).toBe('succeeded');
    expect(doneNow()).toEqual(['y', 'z']);
  });

  it('keeps plans and what people answered as they were', async () => {
    const plan = {
      by: 'clerk',
      tasks: [
        { id: 't1', agent: 'scout', task: 'first' },
        { id: 't2', agent: 'judge', task: 'second', after: ['t1'] },
        { id: 't3', agent: 'scout', task: 'third' },
      ],
    };
    const planned = {
      nodes: [
        {
          id: 'do',
          type: 'plan',
          goal: 'All',
          planner: 'clerk',
          agents: ['scout', 'judge'],
        },
      ],
    };
    const run = await runOf(planned, {
      model: request => ({
        text:
          askedBy(request).agent === 'clerk'
            ? JSON.stringify(plan)
            : askedBy(request).question.slice(0, 5),
      }),
    });
    expect(run.error).toBeUndefined();
    const fork = await again(run.id, {
      fromStep: stepAt(run, 'do.t1').index,
    });
    expect(doneNow().map(text => String(text).slice(0, 5))).toEqual([
      'first',
      'secon',
    ]);
    expect(fork.output).toEqual(run.output);
  });

  it('takes other words of models and other values than there were', async () => {
    const nodes = [
      {
        id: 'set',
        type: 'transform',
        set: { text: 'Ink', n: '{{ input.message }}' },
      },
      { id: 'name', type: 'model', prompt: 'A colour' },
      { id: 'use', type: 'model', prompt: '{{ set.text }}: {{ name.text }}' },
    ];
    const run = await runOf({ nodes }, { model: () => ({ text: 'Blue.' }) });
    const said = stepAt(run, 'name').outputMessage!;
    expect(run.messages!.find(({ id }) => id === said)?.content).toBe('Blue.');
    const fork = await again(run.id, {
      fromStep: stepAt(run, 'use').index,
      messages: [{ id: said, content: 'Red.' }],
      answers: [{ step: stepAt(run, 'set').index, values: { text: 'Dye' } }],
    });
    expect(doneNow()).toEqual(['Dye: Red.']);
    expect(stepAt(fork, 'set')).toMatchObject({
      kept: true,
      edited: true,
      output: { text: 'Dye' },
    });
    expect(stepAt(fork, 'name').edited).toBe(true);
    // Nothing is said otherwise in a repeat of it, but what was stays so.
    const same = await again(fork.id, {
      fromStep: stepAt(fork, 'name').index,
    });
    expect(['set', 'name'].map(path => stepAt(same, path).edited)).toEqual([
      true,
      undefined,
    ]);
    const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    const told = await again(run.id, {
      fromStep: stepAt(run, 'use').index,
      answers: [{ step: stepAt(run, 'set').index, values: { text: key } }],
    });
    expect(stepAt(told, 'set').output).toEqual({ text: '[secret]' });
    expect(JSON.stringify(doneNow())).not.toContain(key);
  });

  it('takes other answers of people than they gave', async () => {
    const nodes = [
      { id: 'ask', type: 'human', question: 'How many?' },
      {
        id: 'use',
        type: 'model',
        prompt: '{{ ask.text }} of {{ input.message }}',
      },
    ];
    const rehearsal = (returns: string) => ({
      answers: [{ tool: 'question:ask', returns }],
    });
    desk.spec = workflow({ nodes }, { tools: [], handoffs: [] }).spec;
    respond = behave.model;
    const { id } = await portal.client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: '42' },
      rehearsal: rehearsal('two'),
    });
    const run = await untilEnded(portal.client, id);
    expect(run.error).toBeUndefined();
    const fork = await again(id, {
      fromStep: stepAt(run, 'use').index,
      answers: [
        { step: stepAt(run, 'ask').index, values: { answer: 'three' } },
      ],
    });
    expect(stepAt(fork, 'ask')).toMatchObject({
      kept: true,
      output: { answer: 'three', text: 'three' },
    });
    expect(doneNow()).toEqual(['three of 42']);
    await expect(
      portal.client.forkRun(id, {
        fromStep: stepAt(run, 'use').index,
        answers: [{ step: 1, values: {} }],
      }),
    ).rejects.toMatchObject({ statusCode: 400 });

    // Where it was not rehearsed, people agreed to it once, and to what they saw.
    const real = (path: string, answers: ForkRunRequest['answers'] = []) =>
      keptSteps(
        { messages: [], steps: run.steps as StoredStep[] },
        {
          ...{ ran: { nodes }, runs: { nodes }, isRehearsal: false },
          ...{ fromStep: stepAt(run, path).index, edits: { answers } },
        },
      );
    expect(() => real('use')).toThrow('counts for that run alone');
    const yes = { step: stepAt(run, 'ask').index, values: { answer: 'yes' } };
    expect(() => real('use', [yes])).toThrow('counts for that run alone');
    expect(real('ask').steps).toEqual([]);
    // Nor what they answered in a workflow that it asked.
    const inside = run.steps.map(step => ({
      ...step,
      ...(step.nodePath === 'ask' && {
        nodePath: 'sub/ask',
        input: bounded(step.input, 20),
      }),
    }));
    const outside = { ...run.steps[0], id: 'sub', index: 9, nodePath: 'sub' };
    expect(() =>
      keptSteps(
        { messages: [], steps: [...inside, outside] as StoredStep[] },
        {
          ...{ ran: { nodes }, runs: { nodes }, isRehearsal: false },
          fromStep: stepAt(run, 'use').index,
        },
      ),
    ).toThrow('answered at sub/ask');
  });

  it('is refused in words when it cannot be', async () => {
    const run = await runOf(
      { nodes: [find, say('a', '{{ find.status }}'), say('b', 'x')] },
      {},
    );
    const refusal = (request: ForkRunRequest) =>
      portal.client.forkRun(run.id, request).then(
        () => undefined,
        error => `${error.statusCode} ${error.body.error.message}`,
      );
    expect(await refusal({ model: 'model:default/strong' })).toMatch(
      /^400 No node of this workflow asks a model/,
    );
    expect(await refusal({ fromStep: 9 })).toMatch(/^404 There is no step 9/);
    expect(
      await refusal({ fromStep: 0, messages: [{ id: 0, content: 'x' }] }),
    ).toMatch(/^400 Message 0 is not/);
    expect(await refusal({ messages: [{ id: 0, content: 'x' }] })).toMatch(
      /^400 A workflow that is repeated from the start/,
    );
    desk.spec = workflow({
      nodes: [{ ...find, input: {} }, say('a', 'new'), say('b', 'x')],
    }).spec;
    expect(await refusal({ fromStep: 1 })).toMatch(
      /^409 The node find of the workflow was changed/,
    );
    // What it begins with may be another one.
    expect(await refusal({ fromStep: 0 })).toBeUndefined();
  });
});

describe('a workflow that is looked at before it is run', () => {
  it('is told what is wrong, with the agents and tools that are not there', async () => {
    const nodes = [
      { id: 'ask', type: 'agent', agent: 'clerk', task: '{{ input.message }}' },
      { id: 'tell', type: 'agent', agent: 'payroll', task: '{{ ask.text }}' },
    ];
    const { problems, graph } = await portal.client.validateWorkflow({
      workflow: { nodes },
    });
    expect(problems).toEqual([
      {
        path: '',
        nodeId: 'tell',
        message:
          'agent (node tell) names agent:default/payroll, which is not in the catalog, or you may not see it',
      },
    ]);
    expect(graph).toEqual({
      nodes: [
        { id: 'ask', type: 'agent', state: 'pending' },
        { id: 'tell', type: 'agent', state: 'pending' },
      ],
      edges: [{ from: 'ask', to: 'tell', state: 'pending' }],
    });
    expect(
      await portal.client.validateWorkflow({
        workflow: { pattern: 'pipline', agents: ['clerk'] },
      }),
    ).toEqual({
      problems: [
        {
          path: 'pattern',
          message:
            'pattern is "pipline", and there is no such pattern; did you mean pipeline?',
        },
      ],
    });
  });
});
