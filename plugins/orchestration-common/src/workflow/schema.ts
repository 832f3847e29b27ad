import { z } from 'zod/v4';

/**
 * What a workflow may hold at most, so that it is checked in no time and a person can read it.
 *
 * @public
 */
export const WORKFLOW_LIMITS = {
  nodes: 150,
  nesting: 4,
  rounds: 100,
  items: 500,
  concurrency: 16,
  waitSeconds: 86_400,
  /** Times that a run may come to nodes, with each round and item. */
  visits: 10_000,
  /** Characters of JSON of what a node makes of other values. */
  characters: 1_000_000,
} as const;

/**
 * Names that references begin with and no node can have.
 *
 * @public
 */
export const RESERVED_IDS = ['input', 'item', 'index', 'loop'] as const;

const id = z
  .string()
  .max(50)
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/)
  .refine(name => !RESERVED_IDS.includes(name as never), {
    error: 'is a word that references begin with; choose another one',
  });
const ref = z.string().min(1).max(255);
const text = z.string().min(1).max(20_000);
/** JSON in which each text is a template. */
const value = z.unknown();
const values = z.record(z.string().max(100), value);
const title = z.string().max(200).optional();

const COMPARISONS = {
  is: value,
  isNot: value,
  in: z.array(value).max(200),
  contains: value,
  startsWith: z.string(),
  endsWith: z.string(),
  greaterThan: value,
  atLeast: value,
  lessThan: value,
  atMost: value,
  exists: z.boolean(),
  empty: z.boolean(),
};

const comparison = z
  .strictObject({ value, ...COMPARISONS })
  .partial()
  .refine(
    given =>
      'value' in given &&
      Object.keys(given).filter(key => key in COMPARISONS).length === 1,
    {
      error: `needs value and one of ${Object.keys(COMPARISONS).join(', ')}`,
    },
  );

/**
 * A question with the answer yes or no.
 *
 * @public
 */
export type WorkflowCondition =
  | { all: WorkflowCondition[] }
  | { any: WorkflowCondition[] }
  | { not: WorkflowCondition }
  | (z.output<typeof comparison> & { all?: never; any?: never; not?: never });

// By hand, because an error in one branch of a union would be told for all.
const condition: z.ZodType<WorkflowCondition> = z
  .unknown()
  .transform((given, context) => {
    const which = Object.keys((given ?? {}) as object).find(key =>
      // eslint-disable-next-line @typescript-eslint/no-use-before-define
      Object.hasOwn(combinations, key),
    );
    // eslint-disable-next-line @typescript-eslint/no-use-before-define
    const shape = which ? combinations[which] : comparison;
    const result = shape.safeParse(given);
    if (!result.success) {
      result.error.issues.forEach(issue =>
        context.addIssue({ ...issue } as never),
      );
      return z.NEVER;
    }
    return given as WorkflowCondition;
  });

const several = z.array(condition).min(1).max(20);
const combinations: Record<string, z.ZodType> = {
  all: z.strictObject({ all: several }),
  any: z.strictObject({ any: several }),
  not: z.strictObject({ not: condition }),
};

const base = {
  id,
  title,
  note: z.string().max(2_000).optional(),
  /** Where a visual builder draws it. */
  position: z.strictObject({ x: z.number(), y: z.number() }).optional(),
  /**
   * Ids of the nodes that come before, `id.case` for one case of a condition and
   * `id.error` for when it fails. The node above, if it is left out.
   */
  after: z.union([z.string(), z.array(z.string()).max(50)]).optional(),
};

/** What it holds is said by the type of its node, which would else be said by itself. */
// eslint-disable-next-line @typescript-eslint/no-use-before-define
const body: z.ZodType<unknown[]> = z.lazy(() => z.array(node).min(1).max(50));

const choice = z.strictObject({
  id,
  /** Words by which an answer is known to mean it; the id itself unless given. */
  says: z.array(z.string().min(1).max(200)).min(1).max(20).optional(),
});

/** How votes become a decision. */
const ballot = {
  choices: z.array(choice).min(2).max(10),
  rule: z
    .union([
      z.enum(['majority', 'unanimous']),
      z.strictObject({ quorum: z.int().min(1).max(50) }),
    ])
    .optional(),
  /** The choice when the rule finds none. */
  otherwise: z.string().max(50).optional(),
};

const plan = {
  /** The agent that plans; without one the portal matches parts of the goal to agents itself. */
  planner: ref.optional(),
  agents: z.array(ref).min(1).max(20),
  maxTasks: z.int().min(1).max(20).optional(),
  maxRevisions: z.int().min(0).max(5).optional(),
};

const NODE_SHAPES = {
  agent: { agent: ref, task: text },
  tool: { tool: ref, input: values.optional() },
  model: {
    prompt: text,
    system: text.optional(),
    choices: z.array(choice).min(2).max(20).optional(),
  },
  condition: {
    cases: z
      .array(z.strictObject({ id, title, when: condition }))
      .min(1)
      .max(20),
  },
  loop: {
    nodes: body,
    until: condition,
    max: z.int().min(1).max(WORKFLOW_LIMITS.rounds),
    /** What goes from one round into the next, as `loop.<name>`. */
    carry: z
      .record(id, z.strictObject({ first: value, next: value }))
      .optional(),
  },
  parallel: {
    over: value,
    nodes: body,
    maxItems: z.int().min(1).max(WORKFLOW_LIMITS.items).optional(),
    concurrency: z.int().min(1).max(WORKFLOW_LIMITS.concurrency).optional(),
    onError: z.enum(['fail', 'collect']).optional(),
    /** What is kept of each item; the output of the last node unless given. */
    result: value.optional(),
  },
  human: {
    question: text,
    /** JSON Schema of the answer. */
    form: z.record(z.string(), z.unknown()).optional(),
    askedOf: z.array(ref).min(1).max(10).optional(),
    expiresAfterHours: z.number().positive().max(720).optional(),
  },
  transform: { set: values },
  'sub-workflow': { workflow: ref, message: text },
  wait: { seconds: z.number().positive().max(WORKFLOW_LIMITS.waitSeconds) },
  supervisor: { agents: z.array(ref).min(1).max(20), task: text },
  swarm: {
    agents: z.array(ref).min(2).max(20),
    task: text,
    maxHandoffs: z.int().min(1).max(20).optional(),
  },
  decide: {
    votes: z
      .array(
        z.strictObject({
          by: z.string().min(1).max(255),
          says: text,
          weight: z.number().positive().max(100).optional(),
        }),
      )
      .min(1)
      .max(50),
    ...ballot,
  },
  plan: { goal: text, ...plan },
};

type Shapes = typeof NODE_SHAPES;

/**
 * The type of a node.
 *
 * @public
 */
export type WorkflowNodeType = keyof Shapes;

/**
 * The types of nodes. `retrieval` is kept free for knowledge.
 *
 * @public
 */
export const WORKFLOW_NODE_TYPES = Object.keys(
  NODE_SHAPES,
) as WorkflowNodeType[];

type Body = { nodes: WorkflowNode[] };
type Fields<T extends WorkflowNodeType> = z.output<
  z.ZodObject<typeof base & Omit<Shapes[T], 'nodes'>>
> &
  (Shapes[T] extends { nodes: unknown } ? Body : unknown);

/**
 * A node of one type.
 *
 * @public
 */
export type WorkflowNodeOf<T extends WorkflowNodeType> = {
  [K in T]: { type: K } & Fields<K>;
}[T];

/**
 * A node of any type.
 *
 * @public
 */
export type WorkflowNode = WorkflowNodeOf<WorkflowNodeType>;

const node: z.ZodType<WorkflowNode> = z.lazy(() =>
  z.discriminatedUnion(
    'type',
    WORKFLOW_NODE_TYPES.map(type =>
      z.strictObject({ type: z.literal(type), ...base, ...NODE_SHAPES[type] }),
    ) as never,
  ),
) as never;

const output = text.optional();
const call = z.union([
  z.strictObject({ agent: ref, task: text }),
  z.strictObject({ tool: ref, input: values.optional() }),
]);
const limits = {
  maxItems: NODE_SHAPES.parallel.maxItems,
  concurrency: NODE_SHAPES.parallel.concurrency,
  onError: NODE_SHAPES.parallel.onError,
  result: NODE_SHAPES.parallel.result,
};

const PATTERNS = {
  graph: {
    nodes: z.array(node).min(1).max(WORKFLOW_LIMITS.nodes),
    /** The answer of the run; the output of the last node that ran unless given. */
    output,
  },
  /** Agents one after the other, each told what the one before has said. */
  pipeline: {
    agents: z
      .array(z.union([ref, z.strictObject({ agent: ref, task: text })]))
      .min(1)
      .max(20),
  },
  /** The same for each item of a list, side by side, then one answer of all. */
  'map-reduce': {
    list: call.optional(),
    over: value,
    each: call,
    reduce: call.optional(),
    output,
    ...limits,
  },
  /** One agent that hands parts of the work to others and answers itself. */
  supervisor: { agents: NODE_SHAPES.supervisor.agents },
  /** Agents that pass the work on to each other until one of them answers. */
  swarm: {
    agents: NODE_SHAPES.swarm.agents,
    maxHandoffs: NODE_SHAPES.swarm.maxHandoffs,
  },
  /** Agents that are asked the same, and a rule that counts what they say. */
  vote: {
    voters: z
      .array(
        z.union([
          ref,
          z.strictObject({
            agent: ref,
            task: text.optional(),
            weight: z.number().positive().max(100).optional(),
          }),
        ]),
      )
      .min(2)
      .max(20),
    question: text.optional(),
    ...ballot,
    output,
  },
  /** Agents that answer each other for some rounds, and one that decides. */
  debate: {
    agents: z.array(ref).min(2).max(6),
    judge: ref,
    rounds: z.int().min(1).max(3).optional(),
    question: text.optional(),
  },
  /** Parts of a goal, found and handed out by a planner. */
  'plan-and-execute': plan,
};

/**
 * The patterns of workflows; `graph` where none is said.
 *
 * @public
 */
export type WorkflowPattern = keyof typeof PATTERNS;

/**
 * All patterns.
 *
 * @public
 */
export const WORKFLOW_PATTERNS = Object.keys(PATTERNS) as WorkflowPattern[];

/**
 * A workflow of one pattern, as it is written.
 *
 * @public
 */
export type WorkflowOf<T extends WorkflowPattern> = {
  [K in T]: (K extends 'graph' ? { pattern?: K } : { pattern: K }) &
    z.output<z.ZodObject<(typeof PATTERNS)[K]>>;
}[T];

/**
 * A workflow as it is written in `spec.workflow` of an Agent. Reading it changes nothing:
 * fields, their order and what is left out stay as they are, for editors.
 *
 * @public
 */
export type Workflow = WorkflowOf<WorkflowPattern>;

/**
 * The one schema of workflows.
 *
 * @public
 */
export const workflowSchema: z.ZodType<Workflow> = z.discriminatedUnion(
  'pattern',
  WORKFLOW_PATTERNS.map(pattern =>
    z.strictObject({
      pattern:
        pattern === 'graph'
          ? z.literal(pattern).optional()
          : z.literal(pattern),
      ...PATTERNS[pattern],
    }),
  ) as never,
) as never;

/** The fields that nodes of a type have, for messages about others. */
export function fieldsOfNode(type: WorkflowNodeType): string[] {
  return ['type', ...Object.keys(base), ...Object.keys(NODE_SHAPES[type])];
}

/** The fields that workflows of a pattern have. */
export function fieldsOfPattern(pattern: WorkflowPattern): string[] {
  return ['pattern', ...Object.keys(PATTERNS[pattern])];
}
