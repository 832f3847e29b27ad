import {
  type AgentEntity,
  type AgentIdentity,
  type AgentRefs,
  type AgentStanding,
  decideAgentState,
  fullRefOf,
  isAgentEntity,
  lowestAutonomy,
} from '@agentportal/plugin-agents-common';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_HAS_MEMBER,
  RELATION_MEMBER_OF,
} from '@backstage/catalog-model';
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { JsonObject } from '@backstage/types';
import { originOf } from '@agentportal/plugin-agents-node';
import type { PublishedDefinitions } from '../approvals/PublishedDefinitions';
import type {
  EarnedAutonomyStore,
  EarnedRow,
} from '../earned/EarnedAutonomyStore';
import type { GrantRow, GrantStore } from '../grants/GrantStore';
import { isAgentRef, readAgentRefs } from './agentRef';
import {
  sponsorOf,
  type StateRow,
  type StateStore,
  toRecord,
} from './StateStore';

/** What of an entity decides about rights; instructions may be long and do not. */
const AGENT_FIELDS = [
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.title',
  'metadata.annotations',
  'spec.lifecycle',
  'spec.owner',
  'spec.sponsor',
  'spec.autonomy',
  'spec.identity',
  'spec.dataClassification',
  'spec.model',
  'spec.modelSettings',
  'spec.tools',
  'spec.handoffs',
];

const REFS_IN_TEXT = /\b(?:agent|group|tool|user):[\w-]+\/[\w.-]*\w/g;
/** Of longer texts the rest stays as it is. */
const MAX_NAMES = 50;

/** Keeps each request well below what the catalog takes at once. */
const REFS_PER_REQUEST = 500;

/** An agent as the catalog and the portal know it. */
export interface AgentRecord {
  ref: string;
  /** Absent when the catalog has none, or one that cannot be read. */
  entity?: AgentEntity;
  refs?: AgentRefs;
  row?: StateRow;
  /** Where the catalog has it from. */
  origin: string | null;
  /** It says that it is in production, and nobody has approved that yet. */
  awaitsApproval?: boolean;
  /** People have agreed to what it is, and to whose it is. */
  approved?: boolean;
  /** What holds now. */
  grants: GrantRow[];
  /** What it has earned, and holds now. */
  earned: EarnedRow[];
}

/** Reads what decides about agents: entities, states and grants, many at once. */
export class AgentRecords {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #states: StateStore;
  readonly #grants: GrantStore;
  readonly #earned: EarnedAutonomyStore | undefined;
  readonly #sponsorGraceDays: number;
  readonly #published: PublishedDefinitions | undefined;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    states: StateStore;
    grants: GrantStore;
    earned?: EarnedAutonomyStore;
    sponsorGraceDays: number;
    /** Where people are asked about publications. */
    published?: PublishedDefinitions;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#states = options.states;
    this.#grants = options.grants;
    this.#earned = options.earned;
    this.#sponsorGraceDays = options.sponsorGraceDays;
    this.#published = options.published;
  }

  /**
   * One record for each ref that is asked about, by ref: agents as they may be now, which
   * is less than their files say while that waits for an approval.
   *
   * @param agentRefs - in full form
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async read(
    agentRefs: Iterable<string>,
    now: number,
  ): Promise<Map<string, AgentRecord>> {
    return this.#read(agentRefs, now, this.#published, AGENT_FIELDS);
  }

  /** The same, as their files say and with all of it. */
  async asDeclared(
    agentRefs: Iterable<string>,
    now: number,
  ): Promise<Map<string, AgentRecord>> {
    return this.#read(agentRefs, now);
  }

  /**
   * What holds of an agent's spec, where that may not be all that its file says.
   *
   * @throws NotFoundError when it has gone meanwhile: nothing says what holds then
   */
  async heldSpec(ref: string): Promise<AgentEntity['spec'] | undefined> {
    if (!this.#published) {
      return undefined;
    }
    const holding = await this.#published.of([ref]);
    const { entity, refs } = readable((await this.#entities([ref])).get(ref));
    if (!entity || !refs) {
      throw new NotFoundError(`The catalog has no ${ref} that can be read.`);
    }
    return holding(ref, { entity, refs }).entity.spec;
  }

  async #read(
    agentRefs: Iterable<string>,
    now: number,
    published?: PublishedDefinitions,
    fields?: string[],
  ): Promise<Map<string, AgentRecord>> {
    const refs = [...new Set(agentRefs)];
    const [entities, rows, grants, earned, holding] = await Promise.all([
      this.#entities(refs.filter(isAgentRef), fields),
      this.#states.byRefs(refs),
      this.#grants.activeByAgent(refs, now),
      this.#earned?.activeByAgent(refs),
      published?.of(refs),
    ]);
    return new Map(
      refs.map(ref => {
        const found = readable(entities.get(ref), ref, holding);
        const origin = (found.entity && originOf(found.entity)) ?? null;
        return [
          ref,
          {
            ref,
            ...found,
            row: rows.get(ref),
            origin,
            // A name can be taken by somebody else's file; what was given cannot.
            grants: (grants.get(ref) ?? []).filter(
              grant => grant.origin === origin,
            ),
            earned: (earned?.get(ref) ?? []).filter(each =>
              stillHolds(each, found.entity, rows.get(ref), origin),
            ),
          },
        ];
      }),
    );
  }

  /** What people own things by: themselves and the groups that they are in. */
  async ownershipOf(personRefs: Iterable<string>) {
    const refs = [...new Set(personRefs)];
    const users = await this.#entities(refs, ['kind', 'relations']);
    const ownership = new Map(
      refs.map(ref => [
        ref,
        [
          ref,
          ...(users.get(ref)?.relations ?? [])
            .filter(({ type }) => type === RELATION_MEMBER_OF)
            .map(({ targetRef }) => targetRef),
        ],
      ]),
    );
    return (ref: string) => ({
      ref,
      ownershipRefs: ownership.get(ref) ?? [ref],
    });
  }

  /** Those of some people whom the catalog has. */
  async peopleAmong(personRefs: Iterable<string>): Promise<Set<string>> {
    const refs = [...new Set(personRefs)];
    const users = await this.#entities(refs, ['kind']);
    return new Set(refs.filter(ref => users.get(ref)));
  }

  /** The people behind groups and people, of those that the catalog has. */
  async membersOf(refs: Iterable<string>): Promise<Map<string, string[]>> {
    const all = [...new Set(refs)];
    const found = await this.#entities(all, ['kind', 'relations']);
    return new Map(
      all.flatMap(ref => {
        const entity = found.get(ref);
        if (!entity) {
          return [];
        }
        const members = (entity.relations ?? [])
          .filter(({ type }) => type === RELATION_HAS_MEMBER)
          .map(({ targetRef }) => targetRef);
        return [[ref, ref.startsWith('user:') ? [ref] : members]];
      }),
    );
  }

  /** Texts in which the refs of what the catalog has are names, for people. */
  async withNames(texts: string[]): Promise<string[]> {
    const refs = texts.flatMap(text => text.match(REFS_IN_TEXT) ?? []);
    const found = await this.#entities([...new Set(refs)].slice(0, MAX_NAMES), [
      'metadata.name',
      'metadata.title',
      'spec.profile.displayName',
    ]);
    const nameOf = (ref: string) => {
      const entity = found.get(ref);
      const profile = entity?.spec?.profile as JsonObject | undefined;
      return String(
        profile?.displayName ??
          entity?.metadata.title ??
          entity?.metadata.name ??
          ref,
      );
    };
    return texts.map(text => text.replace(REFS_IN_TEXT, nameOf));
  }

  /** Tools by ref, as far as the catalog has them. */
  async tools(toolRefs: string[]): Promise<Map<string, Entity | undefined>> {
    return this.#entities(toolRefs, [
      'apiVersion',
      'kind',
      'metadata.title',
      'metadata.annotations',
      'spec.riskTier',
      'spec.dataClassification',
      'relations',
    ]);
  }

  /** Agents as permissions are decided on them: with whoever answers for each now. */
  async resources(
    refs: readonly string[],
  ): Promise<Array<AgentEntity | undefined>> {
    const full = refs.map(ref => fullRefOf(ref, 'Agent') ?? ref);
    const known = [...new Set(full)].filter(isAgentRef);
    const [entities, rows, holding] = await Promise.all([
      this.#entities(known),
      this.#states.byRefs(known),
      this.#published?.of(known),
    ]);
    return full.map(ref => {
      const { entity, refs: of } = readable(entities.get(ref), ref, holding);
      return (
        entity && {
          ...entity,
          spec: {
            ...entity.spec,
            sponsor: sponsorOf(
              of?.sponsor,
              rows.get(ref),
              (entity && originOf(entity)) ?? null,
            ),
          },
        }
      );
    });
  }

  /** When an agent may not act any more after its sponsor has left. */
  graceEndOf(orphanedSince: string): string {
    return new Date(
      Date.parse(orphanedSince) + this.#sponsorGraceDays * 86_400_000,
    ).toISOString();
  }

  /** Whether an agent may act, by the rules that hold everywhere. */
  standingOf(
    record: AgentRecord,
    now: number,
    acting?: Parameters<typeof decideAgentState>[0]['acting'],
  ): AgentStanding {
    return decideAgentState({
      agentRef: record.ref,
      agent: record.entity,
      record: {
        ...toRecord(record.row),
        ...(record.awaitsApproval && { awaitsApproval: true }),
      },
      sponsorGraceDays: this.#sponsorGraceDays,
      now,
      acting,
    });
  }

  /** As other plugins are told. */
  identityOf(record: AgentRecord, now: number): AgentIdentity {
    const { entity, refs, ref: agentRef } = record;
    const { state, reason } = this.standingOf(record, now);
    const alone = this.standingOf(record, now, {});
    const spec = entity?.spec;
    return {
      agentRef,
      title: entity?.metadata.title ?? agentRef,
      state,
      ...(reason && { reason }),
      identity: spec?.identity ?? 'person',
      inOwnName: {
        allowed: alone.allowed,
        ...(alone.reason && { reason: alone.reason }),
      },
      ...(spec && refs && { lifecycle: spec.lifecycle, ownerRef: refs.owner }),
      ...(record.approved && { approved: true }),
      sponsorRef: sponsorOf(refs?.sponsor, record.row, record.origin),
      autonomy: spec?.autonomy ?? 'copilot',
      dataClassification: spec?.dataClassification,
      modelRef: refs?.model,
      ...(spec?.modelSettings && { modelSettings: spec.modelSettings }),
      tools: refs?.tools ?? [],
      handoffs: refs?.handoffs ?? [],
      grants: [...new Set(record.grants.map(({ permission }) => permission))],
      ...(record.earned.length > 0 && {
        earned: record.earned.map(row => ({
          id: row.id,
          toolRef: row.tool_ref,
          riskTier: row.risk_tier,
          askedShare: row.asked_per_mille / 1_000,
        })),
      }),
    };
  }

  async #entities(
    entityRefs: string[],
    fields?: string[],
  ): Promise<Map<string, Entity | undefined>> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const batches = Array.from(
      { length: Math.ceil(entityRefs.length / REFS_PER_REQUEST) },
      (_, i) =>
        entityRefs.slice(i * REFS_PER_REQUEST, (i + 1) * REFS_PER_REQUEST),
    );
    try {
      const found = await Promise.all(
        batches.map(async batch => {
          const { items } = await this.#catalog.getEntitiesByRefs(
            { entityRefs: batch, fields },
            { credentials },
          );
          return batch.map((ref, i) => [ref, items[i]] as const);
        }),
      );
      return new Map(found.flat());
    } catch (error) {
      throw new ServiceUnavailableError(
        'The catalog does not answer, so nobody knows what agents may do now. Try again in a moment.',
        error,
      );
    }
  }
}

/**
 * An identity as people and agents see it. By the id of what was earned it is drawn about which calls people are
 * asked, so whoever knew it could choose calls about which nobody is.
 */
export function asSeen({ earned: _, ...identity }: AgentIdentity) {
  return identity;
}

/**
 * What was earned is lost at once where the agent was stopped since, comes from another
 * file, or is on less autonomy than then: whoever lowers it means all of it. Outside of production nobody sees
 * how an agent changes, so there nothing holds.
 */
function stillHolds(
  earned: EarnedRow,
  agent: AgentEntity | undefined,
  row: StateRow | undefined,
  origin: string | null,
): boolean {
  const stopped = Math.max(
    Number(row?.suspended_at ?? 0),
    Number(row?.resumed_at ?? 0),
  );
  return (
    agent?.spec.lifecycle === 'production' &&
    earned.origin === origin &&
    Number(earned.created_at) > stopped &&
    lowestAutonomy([earned.autonomy, agent.spec.autonomy]) === earned.autonomy
  );
}

function readable(
  entity: Entity | undefined,
  ref?: string,
  holding?: Awaited<ReturnType<PublishedDefinitions['of']>>,
): Pick<AgentRecord, 'entity' | 'refs' | 'awaitsApproval' | 'approved'> {
  const refs =
    entity && isAgentEntity(entity) ? readAgentRefs(entity) : undefined;
  if (!refs) {
    return {};
  }
  const said = { entity: entity as AgentEntity, refs };
  return ref && holding ? holding(ref, said) : said;
}
