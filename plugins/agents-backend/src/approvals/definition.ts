import {
  type AgentEntity,
  type AgentRefs,
  AUTONOMY_LEVELS,
  DATA_CLASSIFICATIONS,
  DEFAULT_DATA_CLASSIFICATION,
  instructionsOf,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
import { isDeepStrictEqual } from 'node:util';
import { leastOf } from '../delegations/narrowTerms';

type Spec = AgentEntity['spec'];

/** Who answers for an agent and what is said about it, which is not what it does. */
const SAID = [
  'owner',
  'sponsor',
  'system',
  'handoffDescription',
  'exampleQuestions',
] as const;
/** Of these an agent may always have fewer. */
const LISTS = ['tools', 'knowledge', 'handoffs', 'skills', 'triggers'] as const;

type Said = (typeof SAID)[number];

/** What an agent does: all of its spec but what is only said about it. */
export type AgentDefinition = Omit<Spec, Said> &
  Required<Pick<Spec, (typeof LISTS)[number]>>;

/** A part that has changed, for people to read. */
export interface DefinitionChange {
  /** Its name in the spec. */
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
  { tools, knowledge, handoffs, skills }: AgentRefs,
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
    identity: spec.identity ?? 'person',
    dataClassification: spec.dataClassification ?? DEFAULT_DATA_CLASSIFICATION,
    tools,
    knowledge,
    handoffs,
    skills,
    triggers: spec.triggers ?? [],
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
  const quotas = approved.quotas && {
    ...approved.quotas,
    ...Object.fromEntries(
      Object.entries(said.quotas ?? {}).filter(
        ([name, limit]) =>
          limit <= (approved.quotas as Record<string, number>)[name],
      ),
    ),
  };
  return {
    ...approved,
    ...lists,
    ...(quotas && { quotas }),
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

/** The spec of an agent of which a definition holds. */
export function specWith(said: Spec, held: AgentDefinition): Spec {
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
  const old: Record<string, unknown> = { ...before };
  const now: Record<string, unknown> = { ...after };
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

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
