import type { AgentEntity, AgentRefs } from '@agentportal/plugin-agents-common';
import { originOf } from '@agentportal/plugin-agents-node';
import { readAgentRefs } from '../identities/agentRef';
import { definitionOf, heldDefinition, specWith } from './definition';
import type { Publication, PublicationStore } from './PublicationStore';

/** Whatever is in production when people begin to be asked stays so, and is met by then. */
const MEETING_MS = 10 * 60_000;

/** An agent as it may be now. */
interface Held {
  entity: AgentEntity;
  refs: AgentRefs;
  /** It was never approved, and works for its owners alone until it is. */
  awaitsApproval?: boolean;
  /** People have agreed to what it is, and to whose it is. */
  approved?: boolean;
}

/**
 * Holds agents in production to what was approved. Each time it is asked it reads the
 * database, so that all replicas hold them to the same.
 */
export class PublishedDefinitions {
  readonly #store: PublicationStore;
  readonly #meetsUntil: number;
  readonly #isUnreviewed: (entity: AgentEntity) => boolean;
  readonly #now: () => number;

  private constructor(options: {
    store: PublicationStore;
    meetsUntil: number;
    isUnreviewed: (entity: AgentEntity) => boolean;
    now: () => number;
  }) {
    this.#store = options.store;
    this.#meetsUntil = options.meetsUntil;
    this.#isUnreviewed = options.isUnreviewed;
    this.#now = options.now;
  }

  /** @returns undefined where the matrix asks nobody about publications */
  static async create(options: {
    store: PublicationStore;
    isAsked: boolean;
    /** Whether only the author of a file has seen it. No file unless given. */
    isUnreviewed?: (entity: AgentEntity) => boolean;
    now?: () => number;
  }): Promise<PublishedDefinitions | undefined> {
    const { store, isAsked, now = Date.now } = options;
    const { isUnreviewed = () => false } = options;
    if (!isAsked) {
      await store.end();
      return undefined;
    }
    const begun = await store.begin(now());
    const meetsUntil = begun + MEETING_MS;
    return new PublishedDefinitions({ store, meetsUntil, isUnreviewed, now });
  }

  /** Whether an agent that is met the first time is taken as it is. */
  get meets(): boolean {
    return this.#now() < this.#meetsUntil;
  }

  /**
   * What an agent that is met is taken as: all that its file says, but that it begins to work
   * by itself where nobody has reviewed that.
   */
  asMet<T extends Pick<AgentEntity['spec'], 'triggers'>>(
    entity: AgentEntity,
    does: T,
  ): T {
    return does.triggers?.length && this.#isUnreviewed(entity)
      ? { ...does, triggers: [] }
      : does;
  }

  /** Reads what some agents were approved to be, and holds each to it. */
  async of(refs: readonly string[]) {
    const publications = await this.#store.byRefs(refs);
    return (ref: string, said: { entity: AgentEntity; refs: AgentRefs }) =>
      this.#hold(publications.get(ref), said);
  }

  /** Those of some agents that would work for their owners only if they were in production. */
  async unpublished(
    agents: ReadonlyArray<{ ref: string; origin?: string }>,
  ): Promise<Set<string>> {
    const asked = this.meets ? [] : agents;
    const known = await this.#store.byRefs(asked.map(({ ref }) => ref));
    return new Set(
      asked
        .filter(({ ref, origin = '' }) => known.get(ref)?.origin !== origin)
        .map(({ ref }) => ref),
    );
  }

  /**
   * What was approved of the annotations of agents, in order of their refs. It bounds an
   * agent for as long as it is kept, whatever its file says and wherever that is, so that
   * no way round leaves a moment without.
   */
  annotated(page: { limit: number; after?: string }) {
    return this.#store.annotated(page);
  }

  #hold(
    publication: Publication | undefined,
    { entity, refs }: { entity: AgentEntity; refs: AgentRefs },
  ): Held {
    const { spec } = entity;
    if (spec.lifecycle !== 'production') {
      return { entity, refs };
    }
    if (!isOf(publication, entity)) {
      return this.meets
        ? { entity: { ...entity, spec: this.asMet(entity, spec) }, refs }
        : {
            entity: { ...entity, spec: { ...spec, lifecycle: 'review' } },
            refs,
            awaitsApproval: true,
          };
    }
    const held = heldDefinition(
      publication.definition,
      definitionOf(entity, refs),
    );
    const holding = { ...entity, spec: specWith(spec, held) };
    return {
      entity: holding,
      refs: readAgentRefs(holding) ?? refs,
      approved: true,
    };
  }
}

/** Whether it is this agent's, and not that of another one that had its name. */
export function isOf(
  publication: Publication | undefined,
  entity: AgentEntity,
): publication is Publication {
  return publication?.origin === (originOf(entity) ?? '');
}
