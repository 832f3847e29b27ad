import {
  type ApprovalKind,
  type Autonomy,
  AUTONOMY_LEVELS,
  type DataClassification,
  DATA_CLASSIFICATIONS,
  fullRefOf,
  RISK_TIERS,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
import type { JsonObject } from '@backstage/types';
import { z } from 'zod/v4';

/** Roles that stand for whoever has them at the time. */
const ROLES = ['agent-owner', 'tool-owner', 'sponsor', 'operators'] as const;
const KINDS = ['tool-call', 'access', 'publication'] as const;

const approverSchema = z
  .string()
  .min(1)
  .max(255)
  .transform((text, context) => {
    if ((ROLES as readonly string[]).includes(text)) {
      return text;
    }
    const ref = /^(group|user):/.test(text)
      ? fullRefOf(text, 'Group') ?? fullRefOf(text, 'User')
      : undefined;
    if (!ref) {
      context.addIssue({
        code: 'custom',
        message: `"${text}" is none of ${ROLES.join(', ')}, group:… and user:…`,
      });
      return z.NEVER;
    }
    return ref;
  });

/** One, or a list. */
const some = <T extends z.ZodType>(schema: T) =>
  z.preprocess(
    value => (Array.isArray(value) ? value : [value]),
    z.array(schema).min(1),
  );

const minutes = z.number().positive().max(527_040);

/** One line of the matrix, as app-config has it. */
export const matrixRuleSchema = z.strictObject({
  when: z
    .strictObject({
      autonomy: some(z.enum(AUTONOMY_LEVELS)).optional(),
      kind: some(z.enum(KINDS)).optional(),
      riskTier: some(z.enum(RISK_TIERS)).optional(),
      dataClassification: some(z.enum(DATA_CLASSIFICATIONS)).optional(),
      lifecycle: some(z.string().min(1)).optional(),
      tool: some(
        z
          .string()
          .min(1)
          .transform(text => fullRefOf(text, 'Tool') ?? text),
      ).optional(),
      amountOver: z
        .strictObject({ argument: z.string().min(1), value: z.number() })
        .optional(),
    })
    .refine(
      ({ autonomy, kind }) =>
        !autonomy || kind?.every(each => each === 'publication'),
      'autonomy is for lines of kind publication only: who decides about a call does not depend on it',
    )
    .prefault({}),
  approvers: some(approverSchema),
  quorum: z.number().int().min(1).max(10).default(1),
  differentGroups: z.boolean().default(false),
  expiresAfterMinutes: minutes.default(1_440),
  onExpiry: z.enum(['reject', 'escalate']).default('reject'),
  /** `agents.approvals.escalateTo` unless given. */
  escalateTo: some(approverSchema).optional(),
});

/** One line of the matrix. */
export type MatrixRule = z.output<typeof matrixRuleSchema>;

const OWNER_DECIDES = matrixRuleSchema.parse({ approvers: ['agent-owner'] });

/** What holds unless app-config has a matrix; the first line that fits counts. */
export const DEFAULT_MATRIX: MatrixRule[] = [
  {
    when: { kind: 'access' },
    approvers: ['operators'],
    expiresAfterMinutes: 7 * 1_440,
  },
  {
    // Money and what cannot be undone: two people, who do not sit together, and soon.
    when: { riskTier: 'critical' },
    approvers: ['agent-owner', 'tool-owner'],
    quorum: 2,
    differentGroups: true,
    expiresAfterMinutes: 15,
  },
  {
    when: { riskTier: 'external' },
    approvers: ['agent-owner', 'tool-owner'],
    expiresAfterMinutes: 240,
  },
  { approvers: ['agent-owner'] },
].map(rule => matrixRuleSchema.parse(rule));

/** What the matrix is asked about. */
export interface MatrixFacts {
  kind: ApprovalKind;
  /** Of a publication, those of the tools that it adds. */
  riskTier?: RiskTier | RiskTier[];
  autonomy?: Autonomy;
  dataClassification?: DataClassification;
  lifecycle?: string;
  /** Of a publication, whether less would bound it, or somebody else would decide about it. */
  isFreed?: boolean;
  /** Of a publication, whether the agent would work by itself by a file that nobody reviews. */
  startsItself?: boolean;
  toolRef?: string;
  args?: JsonObject;
}

/** Whether people are asked about publications of agents at all. */
export function asksAboutPublications(matrix: readonly MatrixRule[]): boolean {
  return matrix.some(({ when }) => when.kind?.includes('publication'));
}

/**
 * The first line that fits. What bounds an agent and who decides about it is never changed
 * unasked, nor does it begin to work by itself by the word of one person alone: whoever
 * owned it is asked where no line says so.
 */
export function ruleFor(
  matrix: readonly MatrixRule[],
  facts: MatrixFacts,
): MatrixRule | undefined {
  const rule = matrix.find(({ when }) => {
    const { amountOver } = when;
    return (
      // A line that names no kind is about calls. It does not make people be asked about publications, nor
      // lets whoever approves calls give their own agents permissions, or decide that nobody is asked.
      (facts.kind === 'tool-call' || when.kind !== undefined) &&
      isAmong(when.kind, facts.kind) &&
      isAmong(when.autonomy, facts.autonomy) &&
      isAmong(when.riskTier, facts.riskTier) &&
      isAmong(when.dataClassification, facts.dataClassification) &&
      isAmong(when.lifecycle, facts.lifecycle) &&
      isAmong(when.tool, facts.toolRef) &&
      (!amountOver ||
        isOver(facts.args, amountOver, { missing: when.tool !== undefined }))
    );
  });
  return (
    rule ?? (facts.isFreed || facts.startsItself ? OWNER_DECIDES : undefined)
  );
}

function isAmong(
  wanted: readonly string[] | undefined,
  value: string | string[] = [],
) {
  return !wanted || [value].flat().some(each => wanted.includes(each));
}

/**
 * What is no number could be any, and so is over every limit. So is an amount that a
 * line about this very tool asks for and that is not there: the tool may take the whole sum.
 */
function isOver(
  args: JsonObject | undefined,
  { argument, value }: { argument: string; value: number },
  when: { missing: boolean },
): boolean {
  let amount: unknown = args;
  for (const key of argument.split('.')) {
    amount =
      amount && typeof amount === 'object' && Object.hasOwn(amount, key)
        ? (amount as JsonObject)[key]
        : undefined;
  }
  return amount === undefined
    ? when.missing
    : !(typeof amount === 'number' && amount <= value);
}

/** Who stands behind the roles of a matrix. */
export interface RoleHolders {
  'agent-owner'?: string;
  'tool-owner'?: string;
  sponsor?: string;
  operators: readonly string[];
}

/** The refs that some approvers are now. A role that nobody has is nobody. */
export function refsOf(
  approvers: readonly string[],
  holders: RoleHolders,
): string[] {
  const refs = approvers.flatMap(approver =>
    (ROLES as readonly string[]).includes(approver)
      ? holders[approver as keyof RoleHolders] ?? []
      : approver,
  );
  return [...new Set(refs)];
}
