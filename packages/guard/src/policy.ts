import { z } from 'zod/v4';

/**
 * Where a text is on its way: what is written to an agent, what a model answers, and what
 * a tool returns.
 *
 * @public
 */
export const DIRECTIONS = ['prompt', 'answer', 'result'] as const;

/** @public */
export type Direction = (typeof DIRECTIONS)[number];

/** Entity refs in full, as agents are known by: a rule for one that is written otherwise would never fit. */
export const agentRefsSchema = z
  .array(
    z
      .string()
      .toLowerCase()
      .regex(/^agent:[^/]+\/.+$/, { message: 'must be as agent:default/name' }),
  )
  .min(1);

const ruleSchema = z.strictObject({
  on: z.enum(DIRECTIONS),
  finds: z.enum([
    'injection',
    'secret',
    'personal-data',
    'link',
    'unsafe-content',
    'topic',
    'unsupported-claim',
  ]),
  /**
   * `none` allows it. `mark` writes it down and, in what tools return, fences the text;
   * `mask` puts something else in the place of what was found, `ask` leaves calls that
   * reach outside to people, `refuse` withholds the text, or the rest of an answer.
   */
  action: z.enum(['mark', 'mask', 'ask', 'refuse', 'none']),
  /** Only for these agents. */
  agents: agentRefsSchema.optional(),
  /** Only for agents or tools of these classes of data. */
  dataClassifications: z
    .array(z.enum(['public', 'internal', 'confidential', 'restricted']))
    .min(1)
    .optional(),
});

/** What can be done: nothing that was let go of a stream can be taken back. */
const POSSIBLE: Record<
  Direction,
  Partial<Record<string, Array<'mark' | 'mask' | 'ask' | 'refuse'>>>
> = {
  prompt: {
    injection: ['mark', 'refuse'],
    secret: ['mark', 'mask', 'refuse'],
    'personal-data': ['mark', 'mask', 'refuse'],
    'unsafe-content': ['mark', 'refuse'],
    topic: ['mark', 'refuse'],
  },
  answer: {
    secret: ['mark', 'mask'],
    'personal-data': ['mark', 'mask'],
    link: ['mark', 'mask'],
    'unsafe-content': ['mark', 'mask', 'refuse'],
    topic: ['mark', 'mask', 'refuse'],
    'unsupported-claim': ['mark'],
  },
  result: {
    injection: ['mark', 'ask', 'refuse'],
    secret: ['mask', 'refuse'],
    'personal-data': ['mask', 'refuse'],
  },
};

/**
 * What is done about what is found; of the rules that fit, the last one counts.
 *
 * @public
 */
export const guardPolicySchema = z
  .array(ruleSchema)
  .max(200)
  .superRefine((rules, context) => {
    for (const [i, { action, finds, on }] of rules.entries()) {
      const possible = POSSIBLE[on][finds] ?? [];
      if (action !== 'none' && !possible.includes(action)) {
        context.addIssue({
          code: 'custom',
          path: [i, 'action'],
          message: possible.length
            ? `A ${finds} in a ${on} can be ${possible.join(', ')} or none.`
            : `A ${finds} is not looked for in a ${on}.`,
        });
      }
    }
  });

/** @public */
export type GuardPolicy = z.infer<typeof guardPolicySchema>;

/** @public */
export type GuardAction = GuardPolicy[number]['action'];

/**
 * What holds where nothing else is said. Written: instructions against the agent are
 * marked, secrets masked before a model reads them. Answered: secrets and links that carry
 * words away are masked, as are sentences about a topic that the operator says to avoid;
 * unsafe content is marked. Returned by tools: instructions leave calls that reach outside to
 * people, secrets are masked, and personal data where it is not for everybody.
 *
 * @public
 */
export const DEFAULT_POLICY: GuardPolicy = [
  { on: 'prompt', finds: 'injection', action: 'mark' },
  { on: 'prompt', finds: 'secret', action: 'mask' },
  { on: 'answer', finds: 'secret', action: 'mask' },
  { on: 'answer', finds: 'link', action: 'mask' },
  { on: 'answer', finds: 'unsafe-content', action: 'mark' },
  { on: 'prompt', finds: 'topic', action: 'mark' },
  { on: 'answer', finds: 'topic', action: 'mask' },
  { on: 'result', finds: 'injection', action: 'ask' },
  { on: 'result', finds: 'secret', action: 'mask' },
  {
    on: 'result',
    finds: 'personal-data',
    action: 'mask',
    dataClassifications: ['restricted'],
  },
];

/**
 * What a policy does about something that is found.
 *
 * @public
 */
export function actionOf(
  policy: GuardPolicy,
  found: {
    on: Direction;
    finds: GuardPolicy[number]['finds'];
    agentRef?: string;
    dataClassification?: string;
  },
): GuardAction {
  const { agentRef, dataClassification, finds, on } = found;
  return (
    policy.findLast(
      rule =>
        rule.on === on &&
        rule.finds === finds &&
        (!rule.agents || (agentRef && rule.agents.includes(agentRef))) &&
        (!rule.dataClassifications ||
          rule.dataClassifications.some(each => each === dataClassification)),
    )?.action ?? 'none'
  );
}
