import { z } from 'zod/v4';

/**
 * Where a text is on its way: what a tool returns. What people write and models answer
 * is not looked at yet.
 *
 * @public
 */
export const DIRECTIONS = ['result'] as const;

/** @public */
export type Direction = (typeof DIRECTIONS)[number];

const ruleSchema = z.strictObject({
  on: z.enum(DIRECTIONS),
  finds: z.enum(['injection', 'secret', 'personal-data']),
  /**
   * `mark` fences the text and says what was found, `mask` puts tokens in the place of what
   * was found, `ask` leaves calls that reach outside to people, `refuse` withholds the text.
   */
  action: z.enum(['mark', 'mask', 'ask', 'refuse', 'none']),
  /** Only for these agents. */
  agents: z.array(z.string().min(1)).min(1).optional(),
  /** Only for agents or tools of these classes of data. */
  dataClassifications: z
    .array(z.enum(['public', 'internal', 'confidential', 'restricted']))
    .min(1)
    .optional(),
});

/**
 * What is done about what is found; of the rules that fit, the last one counts.
 *
 * @public
 */
export const guardPolicySchema = z
  .array(ruleSchema)
  .max(200)
  .refine(
    rules =>
      rules.every(({ action, finds }) =>
        (finds === 'injection' ? ['mask'] : ['mark', 'ask']).every(
          each => each !== action,
        ),
      ),
    'An injection can be marked, asked about or refused, but not masked; secrets and personal data can be masked or refused.',
  );

/** @public */
export type GuardPolicy = z.infer<typeof guardPolicySchema>;

/** @public */
export type GuardAction = GuardPolicy[number]['action'];

/**
 * What holds where nothing else is said: instructions in what tools return are marked and
 * calls that reach outside wait for a person's own words; secrets in it are masked, and
 * personal data where the class of data says that it is not for everybody.
 *
 * @public
 */
export const DEFAULT_POLICY: GuardPolicy = [
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
