import type { Permission } from '@backstage/plugin-permission-common';

/**
 * Who is in the company in which histories play. Policies tell people apart by their groups, so
 * there should be somebody of each standing.
 *
 * @public
 */
export interface Company {
  /** Groups of people, by the entity ref of the person. */
  people: Readonly<Record<string, readonly string[]>>;
  /** What is asked about, and what agents are given by grants. */
  permissions: readonly Permission[];
}

/** Every history has these agents; what they are differs from one to the next. */
export const AGENTS = [
  'agent:default/a',
  'agent:default/b',
  'agent:default/c',
] as const;

/** Who owns all of them. */
export const OWNER = 'group:default/owners-of-agents';

/** The tools that tasks are held to. */
export const TOOLS = [
  'tool:default/x.read',
  'tool:default/x.write',
  'tool:default/y.pay',
] as const;
