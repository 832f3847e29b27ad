import {
  type AgentEntity,
  type AgentRefs,
  AUTONOMY_LEVELS,
  DECIDING_ANNOTATIONS,
  DATA_CLASSIFICATIONS,
  DEFAULT_DATA_CLASSIFICATION,
  instructionsOf,
  type RiskTier,
  usdToNano,
} from '@agentportal/plugin-agents-common';
import { isDeepStrictEqual } from 'node:util';
import { leastOf } from '../delegations/narrowTerms';

type Spec = AgentEntity['spec'];

/** What is only said about an agent, and is not what it does or who judges it. */
const SAID = ['system', 'handoffDescription', 'exampleQuestions'] as const;
/** Of these an agent may always have fewer. */
const LISTS = ['tools', 'knowledge', 'handoffs', 'skills', 'triggers'] as const;

type Said = (typeof SAID)[number];

/** What bounds an agent beside its spec. */
export type DecidingAnnotations = Partial<
  Record<keyof typeof DECIDING_ANNOTATIONS, string>
>;

/** What an agent does and who judges it: all of its spec but what is only said about it. */
export type AgentDefinition = Omit<Spec, Said> &
  Required<Pick<Spec, (typeof LISTS)[number]>> & {
    /** Absent where it was approved before annotations were kept. */
    annotations?: DecidingAnnotations;
  };

/** A part that has changed, for people to read. */
export interface DefinitionChange {
  /** Its name in the spec, or that of an annotation in words. */
  field: string;
  /** Of a list. */
  added?: Array<{ text: string; riskTier?: RiskTier }>;
  removed?: string[];
  /** Of what is no list. */
  before?: string;
  after?: string;
}

/** What an agent does, so that the same is always written the same way. */
export function definitionOf(
  { metadata, spec }: AgentEntity,
  { owner, sponsor, tools, knowledge, handoffs, skills }: AgentRefs,
): AgentDefinition {
  const { framework = 'langgraph', instructions } = spec;
  const does = Object.fromEntries(
    Object.entries(spec).filter(([name]) => !SAID.includes(name as Said)),
  ) as Omit<Spec, Said>;
  return {
    ...does,
    // Without instructions it is told its description, which is one then.
    ...(framework === 'langgraph' && {
      instructions: instructionsOf({ ...metadata, instructions }),
    }),
    owner,
    ...(sponsor && { sponsor }),
    identity: spec.identity ?? 'person',
    dataClassification: spec.dataClassification ?? DEFAULT_DATA_CLASSIFICATION,
    tools,
    knowledge,
    handoffs,
    skills,
    triggers: spec.triggers ?? [],
    annotations: annotationsOf(metadata),
  };
}

/** Those of an agent's annotations that something is decided by. */
export function annotationsOf({
  annotations = {},
}: AgentEntity['metadata']): DecidingAnnotations {
  return Object.fromEntries(
    Object.entries(DECIDING_ANNOTATIONS).flatMap(([name, annotation]) =>
      annotations[annotation] ? [[name, annotations[annotation]]] : [],
    ),
  );
}

/**
 * Which annotations hold. Rules only forbid, so those that were approved go on, and it is
 * for people to say whether others do as well. Of budgets the lower one holds.
 */
function heldAnnotations(
  approved: DecidingAnnotations | undefined,
  said: DecidingAnnotations = {},
): DecidingAnnotations {
  const nano = ({ monthlyBudgetUsd }: DecidingAnnotations) =>
    usdToNano(monthlyBudgetUsd ?? '');
  const bound = approved && nano(approved);
  return {
    ...said,
    ...(approved?.rules && { rules: approved.rules }),
    ...(bound !== undefined &&
      !(nano(said)! <= bound) && {
        monthlyBudgetUsd: approved!.monthlyBudgetUsd,
      }),
  };
}

/**
 * What holds of an agent that says it is something, and was approved to be something: each
 * part as it was approved, or less of it where the agent says less. It is never more than
 * what was approved, and never more than what is said where less is a matter of degree.
 */
export function heldDefinition(
  approved: AgentDefinition,
  said: AgentDefinition,
): AgentDefinition {
  // Such agents work for their owners, or not at all; that needs nobody's approval.
  if (said.lifecycle !== 'production') {
    return said;
  }
  const lists = Object.fromEntries(
    LISTS.map(name => [
      name,
      (said[name] as unknown[]).filter(item =>
        (approved[name] as unknown[]).some(known =>
          isDeepStrictEqual(known, item),
        ),
      ),
    ]),
  );
  const limits: Record<string, number> = { ...approved.quotas };
  const quotas = (approved.quotas ?? said.quotas) && {
    ...limits,
    ...Object.fromEntries(
      Object.entries(said.quotas ?? {}).filter(
        ([name, limit]) => limit <= (limits[name] ?? Infinity),
      ),
    ),
  };
  // Where it was approved before whoever judges it was part of what is.
  const { owner = said.owner, sponsor = said.sponsor } = approved;
  return {
    ...approved,
    ...lists,
    ...(quotas && { quotas }),
    owner,
    ...(sponsor && { sponsor }),
    annotations: heldAnnotations(approved.annotations, said.annotations),
    autonomy: leastOf(AUTONOMY_LEVELS, [approved.autonomy, said.autonomy])!,
    dataClassification: leastOf(DATA_CLASSIFICATIONS, [
      approved.dataClassification,
      said.dataClassification,
    ]),
  };
}

/** Whether nothing of it goes beyond what was approved. */
export function isWithin(
  approved: AgentDefinition,
  said: AgentDefinition,
): boolean {
  return isDeepStrictEqual(heldDefinition(approved, said), said);
}

/** Whether less would bound it than was approved, or somebody else would judge it. */
export function isFreed(
  approved: AgentDefinition,
  said: AgentDefinition,
): boolean {
  const { annotations, owner, sponsor } = heldDefinition(approved, said);
  return (
    owner !== said.owner ||
    sponsor !== said.sponsor ||
    !isDeepStrictEqual(annotations, said.annotations)
  );
}

/** The spec of an agent of which a definition holds. */
export function specWith(
  said: Spec,
  { annotations, ...held }: AgentDefinition,
): Spec {
  return {
    ...held,
    ...(Object.fromEntries(
      Object.entries(said).filter(([name]) => SAID.includes(name as Said)),
    ) as Pick<Spec, Said>),
  };
}

/** What an agent would become, part by part. */
export function changesOf(
  before: AgentDefinition | undefined,
  after: AgentDefinition,
  tiers: Readonly<Record<string, RiskTier>>,
): DefinitionChange[] {
  const old = before ? inFields(before) : {};
  const now = inFields(after);
  const names = [...new Set([...Object.keys(now), ...Object.keys(old)])];
  return names.flatMap((field): DefinitionChange[] => {
    if (isDeepStrictEqual(old[field], now[field])) {
      return [];
    }
    if ((LISTS as readonly string[]).includes(field)) {
      const [was, is] = [old, now].map(each =>
        ((each[field] ?? []) as unknown[]).map(textOf),
      );
      const added = is
        .filter(text => !was.includes(text))
        .map(text => ({
          text,
          ...(tiers[text] && { riskTier: tiers[text] }),
        }));
      const removed = was.filter(text => !is.includes(text));
      return added.length || removed.length ? [{ field, added, removed }] : [];
    }
    return [
      {
        field,
        ...(old[field] !== undefined && { before: textOf(old[field]) }),
        ...(now[field] !== undefined && { after: textOf(now[field]) }),
      },
    ];
  });
}

function inFields({
  annotations = {},
  ...does
}: AgentDefinition): Record<string, unknown> {
  const { rules, monthlyBudgetUsd } = annotations;
  return {
    ...does,
    ...(rules && { rules }),
    ...(monthlyBudgetUsd && {
      'monthly budget': `${monthlyBudgetUsd} US dollars`,
    }),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
