import { expandWorkflow } from './expand';
import { type Workflow, workflowSchema } from './schema';
import { validateWorkflow } from './validate';

const declared = {
  tools: [
    'tool:default/orders.find_order',
    'tool:default/finance.find_invoice',
  ],
  handoffs: ['agent:default/order-desk', 'agent:default/invoice-clerk'],
};
const find = {
  id: 'find',
  type: 'tool',
  tool: 'tool:default/orders.find_order',
  input: { orderId: '{{ input.message }}' },
};
const decide = {
  id: 'decide',
  type: 'condition',
  cases: [{ id: 'late', when: { value: '{{ find.status }}', is: 'delayed' } }],
};
const say = (id: string, text: string, after?: unknown) => ({
  id,
  type: 'transform',
  set: { text },
  ...(after === undefined ? {} : { after }),
});

function messagesOf(nodes: unknown[], more: object = {}): string[] {
  return validateWorkflow({ nodes, ...more }, declared).map(
    ({ message }) => message,
  );
}

describe('a workflow that can be run', () => {
  const graph = {
    nodes: [
      find,
      decide,
      say('sorry', 'Late: {{ find.orderId }}', 'decide.late'),
      say('fine', 'On time', 'decide.else'),
      say('answer', '{{ sorry.text ?? fine.text }}', ['sorry', 'fine']),
    ],
    output: '{{ answer.text }}',
  };

  it('has no problems, and is not changed by being read', () => {
    const written = JSON.stringify(graph);
    expect(validateWorkflow(graph, declared)).toEqual([]);
    expect(JSON.stringify(graph)).toBe(written);
  });

  it.each<[string, Workflow]>([
    [
      'pipeline',
      {
        pattern: 'pipeline',
        agents: [
          'order-desk',
          { agent: 'invoice-clerk', task: 'Bill this: {{ previous }}' },
        ],
      },
    ],
    [
      'map-reduce',
      {
        pattern: 'map-reduce',
        list: { tool: 'orders.find_order', input: {} },
        over: '{{ list.items }}',
        each: { tool: 'finance.find_invoice', input: { id: '{{ item.id }}' } },
        reduce: { agent: 'order-desk', task: '{{ each.items }}' },
      },
    ],
    ['supervisor', { pattern: 'supervisor', agents: ['order-desk'] }],
    ['swarm', { pattern: 'swarm', agents: ['order-desk', 'invoice-clerk'] }],
    [
      'vote',
      {
        pattern: 'vote',
        voters: ['order-desk', { agent: 'invoice-clerk', weight: 2 }],
        choices: [{ id: 'yes' }, { id: 'no', says: ['not', 'never'] }],
        rule: { quorum: 2 },
        otherwise: 'no',
        output: '{{ decision.decision }}',
      },
    ],
    [
      'debate',
      {
        pattern: 'debate',
        agents: ['order-desk', 'invoice-clerk'],
        judge: 'order-desk',
      },
    ],
    [
      'plan-and-execute',
      { pattern: 'plan-and-execute', agents: ['order-desk'], maxRevisions: 1 },
    ],
  ])('may be a %s, which stands for a graph', (_, workflow) => {
    expect(validateWorkflow(workflow, declared)).toEqual([]);
    const { nodes } = expandWorkflow(workflow);
    expect(workflowSchema.safeParse({ nodes }).error).toBeUndefined();
  });
});

describe('a workflow that cannot be run says where and why', () => {
  it.each<[string, unknown[], string]>([
    [
      'an unknown type of node',
      [{ ...find, type: 'tol' }],
      'nodes[0].type (node find) is "tol", and there is no such type of node; did you mean tool?',
    ],
    [
      'a slip in a field',
      [{ ...find, inptu: {} }],
      'nodes[0].inptu (node find) is no field; did you mean input?',
    ],
    [
      'a missing field',
      [{ id: 'ask', type: 'agent', agent: 'order-desk' }],
      'nodes[0].task (node ask) is missing',
    ],
    [
      'a field of another type',
      [{ ...say('a', 'x'), set: 'x' }],
      'nodes[0].set (node a) must be a map of fields, but is "x"',
    ],
    [
      'a name that references begin with',
      [say('item', 'x')],
      'nodes[0].id (node item) is a word that references begin with; choose another one',
    ],
    [
      'a condition without a comparison',
      [find, { ...decide, cases: [{ id: 'late', when: { value: 'x' } }] }],
      'nodes[1].cases[0].when (node decide) needs value and one of is, isNot',
    ],
    [
      'a cycle',
      [say('a', 'x', 'c'), say('b', 'x', 'a'), say('c', 'x', 'b')],
      'makes a cycle that cannot end: b → c → a → b. Put what is to be repeated into a node of type loop',
    ],
    [
      'a tool that is not declared',
      [{ ...find, tool: 'tool:default/orders.find_ordr' }],
      'nodes[0].tool (node find) names tool:default/orders.find_ordr, which is not in spec.tools; did you mean tool:default/orders.find_order?',
    ],
    [
      'an agent that is not declared',
      [{ id: 'ask', type: 'agent', agent: 'payroll', task: 'x' }],
      'nodes[0].agent (node ask) names agent:default/payroll, which is not in spec.handoffs; add it there',
    ],
    [
      'a reference to what comes later',
      [say('a', '{{ b.text }}'), say('b', 'x')],
      'nodes[0].set.text (node a) refers to {{ b.text }}, but b has not run by then: it does not come before',
    ],
    [
      'a reference to what runs on some branches only',
      [
        find,
        decide,
        say('a', 'x', 'decide.late'),
        say('b', '{{ a.text }}', ['a', 'decide.else']),
      ],
      "nodes[3].set.text (node b) refers to {{ a.text }}, which is there only on some branches, not when decide is else; say what holds then, like {{ a.text ?? 'nothing' }}",
    ],
    [
      'a reference to what may have failed',
      [find, say('a', '{{ find.status }}', ['find', 'find.error'])],
      'is there only on some branches, not when find has failed',
    ],
    [
      'a reference to nothing',
      [find, say('a', '{{ fnid.status }}')],
      'nodes[1].set.text (node a) refers to {{ fnid.status }}, and there is no fnid here; did you mean find?',
    ],
    [
      'a template that cannot be read',
      [say('a', '{{ input.message.toUpperCase() }}')],
      'nodes[0].set (node a) has {{ input.message.toUpperCase() }}, which is no way to a value',
    ],
    [
      'a node that is never reached',
      [
        find,
        decide,
        say('a', 'x', 'decide.late'),
        say('b', 'x', 'find.error'),
        say('c', 'x', 'decide.later'),
      ],
      'nodes[4].after (node c) names decide.later, but there is only decide.late, decide.else',
    ],
    [
      'a node below a condition that names no case',
      [find, decide, say('a', 'x')],
      'nodes[2].after (node a) is missing: it stands below the condition decide',
    ],
    [
      'two nodes that write the same',
      [say('a', 'x'), say('a', 'y', [])],
      'nodes[1].id (node a) is the id of another node too, and both would write what they found under it',
    ],
    [
      'a reference into a map',
      [
        find,
        {
          id: 'each',
          type: 'parallel',
          over: '{{ find.lines }}',
          nodes: [say('line', '{{ item.id }}')],
        },
        say('a', '{{ line.text }}'),
      ],
      'nodes[2].set.text (node a) refers to {{ line.text }}, but line is inside a loop or map and cannot be seen from here',
    ],
    [
      'a loop without an end',
      [
        {
          id: 'again',
          type: 'loop',
          until: { value: '{{ a.text }}', is: 'x' },
          nodes: [say('a', 'x')],
        },
      ],
      'nodes[0].max (node again) is missing',
    ],
    [
      'a loop that asks for what is not carried',
      [
        {
          id: 'again',
          type: 'loop',
          max: 3,
          until: { value: '{{ loop.done }}', is: 'x' },
          nodes: [say('a', 'x')],
        },
      ],
      'nodes[0].until.value refers to {{ loop.done }}, but loop has only round',
    ],
  ])('%s', (_, nodes, message) => {
    expect(messagesOf(nodes).join('\n')).toContain(message);
  });

  it('tells the node inside a loop, and the place', () => {
    const inside = {
      id: 'each',
      type: 'parallel',
      over: '{{ find.lines }}',
      nodes: [say('line', '{{ itm.id }}')],
    };
    expect(validateWorkflow({ nodes: [find, inside] }, declared)).toEqual([
      {
        path: 'nodes[1].nodes[0].set.text',
        nodeId: 'line',
        message:
          'nodes[1].nodes[0].set.text (node line) refers to {{ itm.id }}, and there is no itm here; did you mean item?',
      },
    ]);
  });

  it('tells the field of a pattern', () => {
    const [problem] = validateWorkflow(
      {
        pattern: 'map-reduce',
        over: '{{ input.lines }}',
        each: { agent: 'order-desk', task: 'x' },
      },
      declared,
    );
    expect(problem).toEqual({
      path: '',
      nodeId: 'each',
      message:
        'over (of each) refers to {{ input.lines }}, but input has only message',
    });
  });

  it('lets a long chain of else-if be, whose last case only one of many ways leads to', () => {
    const nodes = Array.from({ length: 13 }, (_, i) => [
      {
        id: `if${i}`,
        type: 'condition',
        ...(i && { after: `if${i - 1}.else` }),
        cases: [{ id: 'yes', when: { value: '{{ input.message }}', is: i } }],
      },
      say(`then${i}`, 'x', `if${i}.yes`),
    ]).flat();
    expect(messagesOf([...nodes, say('none', 'x', 'if12.else')])).toEqual([]);
  });

  it('is answered in no time, however large and branched it is', () => {
    const nodes = Array.from({ length: 75 }, (_, i) => [
      {
        id: `if${i}`,
        type: 'condition',
        ...(i && { after: `then${i - 1}` }),
        cases: [{ id: 'yes', when: { value: '{{ input.message }}', is: i } }],
      },
      say(`then${i}`, 'x', [`if${i}.yes`, `if${i}.else`]),
    ]).flat();
    const before = performance.now();
    expect(messagesOf(nodes)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(3_000);
    let deep: unknown = [];
    for (let i = 0; i < 100_000; i += 1) {
      deep = [deep];
    }
    expect(messagesOf([{ ...say('a', 'x'), set: { deep } }])).toEqual([
      'is nested more than 40 deep',
    ]);
  });
});
