import type {
  AgentEntity,
  AgentPublication,
  ApprovalTicket,
} from '@agentportal/plugin-agents-common';
import { RISK_TIERS } from '@agentportal/plugin-agents-common';
import { type CatalogTrust, digestOf } from '@agentportal/plugin-agents-node';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { ConflictError, toError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { AgentsConfig } from '../config';
import type { AgentRecord, AgentRecords } from '../identities/AgentRecords';
import { sponsorOf } from '../identities/StateStore';
import { AGENTS } from '../listing/readSnapshot';
import { iso } from '../store/times';
import { beginning } from './ApprovalRequests';
import type { ApprovalRecord } from './ApprovalRecord';
import type { Approvals } from './Approvals';
import type { ApprovalStore } from './ApprovalStore';
import { type Approvers, titleOf } from './Approvers';
import {
  type AgentDefinition,
  annotationsOf,
  changesOf,
  definitionOf,
  isFreed,
  isWithin,
} from './definition';
import { toTicket } from './describe';
import { knownTier } from './knownTier';
import { type MatrixFacts, ruleFor } from './matrix';
import type { Publication, PublicationStore } from './PublicationStore';
import type { PublicationGates } from './PublicationGates';
import { isOf, type PublishedDefinitions } from './PublishedDefinitions';

const PAGE = 100;
const SELF = 'plugin:agents';

/** What the file of an agent in production says, and what was approved of it before. */
interface Said {
  agent: AgentRecord;
  definition: AgentDefinition;
  digest: string;
  before?: Publication;
  /** What is on record, which may be of another agent that had the name. */
  onRecord?: Publication;
}

interface PublicationsOptions {
  /** What agents must pass before; absent where nothing is asked of them. */
  gates?: PublicationGates;
  published: PublishedDefinitions;
  store: PublicationStore;
  requests: ApprovalStore;
  records: AgentRecords;
  approvals: Approvals;
  approvers: Approvers;
  config: AgentsConfig['approvals'];
  auth: AuthService;
  catalog: CatalogService;
  /** Whose word about the tier of a tool counts. */
  trust: CatalogTrust;
  /** Whether only the author of a file has seen it. */
  isUnreviewed: (entity: AgentEntity) => boolean;
  logger: LoggerService;
}

/**
 * Sees what agents in production have become, and asks people about all that gains them
 * something. Nothing waits for it: what was not approved does not hold meanwhile.
 */
export class Publications {
  readonly #o: PublicationsOptions;

  constructor(options: PublicationsOptions) {
    this.#o = options;
  }

  /** Looks at all agents. */
  async lookAtAll(signal?: AbortSignal): Promise<void> {
    const { auth, catalog } = this.#o;
    const pages = catalog.streamEntities(
      {
        query: AGENTS,
        fields: ['kind', 'metadata.namespace', 'metadata.name'],
        pageSize: PAGE,
        totalItems: 'exclude',
      },
      { credentials: await auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      if (signal?.aborted) {
        return;
      }
      await this.look(page.map(entity => stringifyEntityRef(entity)));
    }
  }

  /** Looks at some agents. */
  async look(refs: readonly string[]): Promise<void> {
    const { records, requests, store, logger } = this.#o;
    const now = Date.now();
    // First, so that what has been approved by then is on record.
    const asked = await requests.query({ ids: [], keys: refs.map(keyOf) });
    const [agents, publications] = await Promise.all([
      records.asDeclared(refs, now),
      store.byRefs(refs),
    ]);
    const requestOf = new Map(asked.map(each => [each.agentRef, each]));
    await store.noteSeen(refs, now);
    for (const [ref, agent] of agents) {
      try {
        const { entity } = agent;
        const known = publications.get(ref);
        if (entity && isOf(known, entity) && !known.definition.annotations) {
          await store.meetAnnotations(ref, annotationsOf(entity.metadata));
        }
        const said = saidBy(agent, known);
        const request = requestOf.get(ref);
        if (said && !isCovered(said)) {
          await this.#lookAt(said, request, now);
        } else if (request?.status === 'pending') {
          await this.#o.approvals.withdraw(
            request.id,
            SELF,
            'Its file asks for nothing any more that was not approved.',
          );
        }
      } catch (error) {
        logger.warn(
          `What ${ref} has become could not be looked at, and does not hold yet`,
          toError(error),
        );
      }
    }
  }

  /** How an agent stands, for its page. */
  async describe(ref: string): Promise<AgentPublication> {
    await this.look([ref]);
    const { approvals, records, published, requests, store } = this.#o;
    const [agents, publications, [found]] = await Promise.all([
      records.asDeclared([ref], Date.now()),
      store.byRefs([ref]),
      requests.query({ ids: [], keys: [keyOf(ref)] }),
    ]);
    const said = saidBy(agents.get(ref)!, publications.get(ref));
    // Its time may be over since a moment.
    const request = found && (await approvals.require(found.id));
    const before = said?.before;
    const isOpen = said && !isCovered(said);
    const gate = isOpen && (await this.#o.gates?.whyNot(ref));
    const state = before ? 'part' : 'owners';
    return {
      holds: isOpen && !(published.meets && !before) ? state : 'all',
      ...(before && { publishedAt: iso(before.publishedAt) }),
      ...(before?.approvalId && { approvalId: before.approvalId }),
      ...(gate && { gate }),
      ...(isOpen &&
        request?.digest === said.digest && { request: toTicket(request) }),
    };
  }

  /**
   * Asks once more what was rejected, taken back or not decided in time.
   *
   * @throws ConflictError when there is nothing to ask
   */
  async askAgain(ref: string, by: string): Promise<ApprovalTicket> {
    const now = Date.now();
    const { records, store } = this.#o;
    const [agents, publications] = await Promise.all([
      records.asDeclared([ref], now),
      store.byRefs([ref]),
    ]);
    const said = saidBy(agents.get(ref)!, publications.get(ref));
    await this.#o.gates?.require(ref);
    const ticket =
      said && !isCovered(said)
        ? await this.#ask(
            said,
            now,
            request => request.status === 'pending',
            by,
          )
        : undefined;
    if (!ticket) {
      throw new ConflictError(
        'There is nothing to approve: all that its file says holds.',
      );
    }
    return ticket;
  }

  async #lookAt(
    said: Said,
    request: ApprovalRecord | undefined,
    now: number,
  ): Promise<void> {
    const { gates, published, store } = this.#o;
    // Whoever refused it, or let it be over, is not asked the same again.
    if (request?.digest === said.digest && request.status !== 'approved') {
      return;
    }
    const isMet = !said.before && published.meets;
    // People are asked about what has shown that it works.
    if (!isMet && (await gates?.whyNot(said.agent.ref))) {
      return;
    }
    const ticket = isMet
      ? undefined
      : await this.#ask(
          said,
          now,
          // One that was approved and does not hold is of what was before.
          ({ id, status }) => status !== 'approved' || id !== request?.id,
        );
    if (!ticket) {
      const { agent, onRecord } = said;
      const definition = isMet
        ? published.asMet(agent.entity!, said.definition)
        : said.definition;
      const digest = digestOfDefinition(agent, definition);
      const taken = publicationOf(agent, { digest, definition }, now);
      await store.take(taken, onRecord);
      if (digest !== said.digest) {
        // What it was not taken with.
        await this.#lookAt(
          { ...said, before: taken, onRecord: taken },
          request,
          now,
        );
      }
    }
  }

  /** @returns undefined where the matrix asks nobody */
  async #ask(
    { agent, definition, digest, before, onRecord }: Said,
    now: number,
    isSame: (request: ApprovalRecord) => boolean,
    by?: string,
  ): Promise<ApprovalTicket | undefined> {
    const { approvals, approvers, config, isUnreviewed, records, trust } =
      this.#o;
    const { ref } = agent;
    const approved = before?.definition;
    // Also by another file of the name, or a file would only have to be moved.
    const kept = onRecord?.definition;
    const isFree = kept !== undefined && isFreed(kept, definition);
    // What bounded it may have been about each of its tools.
    const gained = definition.tools.filter(
      tool => isFree || !approved?.tools.includes(tool),
    );
    const found = await records.tools(gained);
    const tiers = Object.fromEntries(
      // A tool that is not there yet could become anything.
      gained.map(tool => [
        tool,
        knownTier(found.get(tool), trust) ?? 'critical',
      ]),
    );
    const facts: MatrixFacts = {
      kind: 'publication',
      riskTier: Object.values(tiers),
      dataClassification: definition.dataClassification,
      autonomy: definition.autonomy,
      isFreed: isFree,
      startsItself:
        definition.triggers.length > 0 && isUnreviewed(agent.entity!),
    };
    const { lifecycle } = definition;
    if (!ruleFor(config.matrix, { ...facts, lifecycle })) {
      return undefined;
    }
    const requestKey = keyOf(ref);
    const known = await approvals.current(
      requestKey,
      request => request.digest === digest && isSame(request),
    );
    if (known) {
      return toTicket(known);
    }
    const asked: AgentRecord = {
      ...agent,
      // A new file cannot say who decides about it.
      refs: {
        ...agent.refs!,
        owner: kept?.owner ?? agent.refs!.owner,
        sponsor: kept?.sponsor ?? agent.refs!.sponsor,
      },
    };
    // Neither whoever answers for it, nor whoever would.
    const sponsors = [asked, agent].map(({ refs, row, origin }) =>
      sponsorOf(refs?.sponsor, row, origin),
    );
    const excluded = [
      ...new Set([by, ...sponsors].flatMap(person => person ?? [])),
    ];
    const requirement = await approvers.requirementFor(facts, {
      agent: asked,
      excluded,
    });
    const title = titleOf(agent);
    const riskTier = RISK_TIERS.findLast(tier =>
      Object.values(tiers).includes(tier),
    );
    const changed = changesOf(approved, definition, tiers).map(
      ({ field }) => field,
    );
    return approvals.ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'publication',
        requestedBy: by ?? ref,
        digest,
      },
      {
        title: before
          ? `${title} would change: ${changed.join(', ')}.`
          : `${title} would be published.`,
        reason: before
          ? 'Its file has changed. Until it is approved the agent works as it was approved before.'
          : `${
              isFree
                ? 'Its file is another one than that of the agent that was approved under its name, which more bounded or others owned.'
                : 'It is in production for the first time.'
            } Until it is approved it works for its owners only.`,
        excluded,
        requirement,
        concerned: approvers.concernedBy(agent),
        agentTitle: title,
        ...(riskTier && { riskTier }),
        publication: { definition, before: approved, tiers },
      },
    );
  }
}

/**
 * What is to be written when people have approved what an agent would become.
 *
 * @throws ConflictError when its file says something else by now
 */
export async function publishing(
  { id, agentRef, details, digest }: ApprovalRecord,
  records: AgentRecords,
  now: number,
): Promise<Publication> {
  const agent = (await records.asDeclared([agentRef!], now)).get(agentRef!)!;
  if (saidBy(agent, undefined)?.digest !== digest) {
    throw new ConflictError(
      'The file of the agent has changed since this was asked, so this is decided no more. What it says now is asked in a minute.',
    );
  }
  const { definition } = details.publication!;
  return {
    ...publicationOf(agent, { digest, definition }, now),
    approvalId: id,
  };
}

function keyOf(agentRef: string): string {
  return `publication:${agentRef}`;
}

function saidBy(
  agent: AgentRecord,
  onRecord: Publication | undefined,
): Said | undefined {
  const { entity, refs } = agent;
  if (!entity || !refs || entity.spec.lifecycle !== 'production') {
    return undefined;
  }
  const definition = definitionOf(entity, refs);
  return {
    agent,
    definition,
    digest: digestOfDefinition(agent, definition),
    onRecord,
    ...(isOf(onRecord, entity) && { before: onRecord }),
  };
}

function digestOfDefinition(
  { ref, origin = '' }: AgentRecord,
  definition: AgentDefinition,
): string {
  return digestOf({ ref, origin, definition });
}

function isCovered({ before, definition }: Said): boolean {
  return before !== undefined && isWithin(before.definition, definition);
}

function publicationOf(
  { ref, origin }: AgentRecord,
  said: Pick<Said, 'digest' | 'definition'>,
  now: number,
): Publication {
  return {
    agentRef: ref,
    origin: origin ?? '',
    ...said,
    publishedAt: now,
  };
}
