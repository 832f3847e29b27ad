import type {
  AuditorService,
  AuthService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { originOf, type OwnerNotices } from '@agentportal/plugin-agents-node';
import { readAgentRefs } from '../identities/agentRef';
import type { AgentRecords } from '../identities/AgentRecords';
import {
  sponsorOf,
  type StateRow,
  type StateStore,
} from '../identities/StateStore';
import { AGENTS } from '../listing/readSnapshot';
import { iso } from '../store/times';

interface Sponsored {
  ref: string;
  title: string;
  ownerRef: string;
  /** Who answers for it now. */
  sponsorRef?: string;
  row?: StateRow;
}

const FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.title',
  'metadata.annotations',
  'spec.owner',
  'spec.sponsor',
];
/** So few may leave between two looks, however small the company. */
const FEW = 3;

/**
 * Looks whether those who answer for agents are still there. Who has been seen in the
 * catalog and is not in it any more has left; the agent is orphaned then, and may go on
 * for a while only. A catalog that does not answer, has no people, or has lost most of
 * the sponsors at once is a catalog in trouble, and no news of anybody.
 */
export class SponsorWatch {
  readonly #auth: AuthService;
  readonly #auditor: AuditorService;
  readonly #catalog: CatalogService;
  readonly #logger: LoggerService;
  readonly #notices: OwnerNotices;
  readonly #records: AgentRecords;
  readonly #states: StateStore;

  constructor(options: {
    auth: AuthService;
    auditor: AuditorService;
    catalog: CatalogService;
    logger: LoggerService;
    notices: OwnerNotices;
    records: AgentRecords;
    states: StateStore;
  }) {
    this.#auth = options.auth;
    this.#auditor = options.auditor;
    this.#catalog = options.catalog;
    this.#logger = options.logger;
    this.#notices = options.notices;
    this.#records = options.records;
    this.#states = options.states;
  }

  /**
   * Looks once.
   *
   * @throws whatever the catalog throws, before anything is written
   */
  async look(now = Date.now()): Promise<void> {
    const agents = await this.#readAgents();
    const sponsors = new Set(agents.flatMap(each => each.sponsorRef ?? []));
    const present = await this.#records.peopleAmong(sponsors);
    const seen = new Set(
      agents.flatMap(each => each.row?.seen_sponsor_ref ?? []),
    );
    // Of whom it is known already that they have left, they did not leave just now.
    const gone = new Set(
      agents.flatMap(each => each.row?.orphaned_sponsor_ref ?? []),
    );
    const left = [...sponsors].filter(
      ref => seen.has(ref) && !present.has(ref) && !gone.has(ref),
    );
    const lost =
      left.length > FEW && left.length > (left.length + present.size) / 2;
    if (lost || (left.length > 0 && !(await this.#hasPeople()))) {
      this.#logger.warn(
        `${left.length} people who answer for agents are not in the catalog, which is too many to believe. Nothing is done; look at the providers of users of the catalog.`,
      );
      return;
    }
    for (const agent of agents) {
      await this.#lookAt(agent, present, now);
    }
  }

  async #lookAt(
    agent: Sponsored,
    present: ReadonlySet<string>,
    now: number,
  ): Promise<void> {
    const { ref, row, sponsorRef } = agent;
    const orphaned = (row?.orphaned_since ?? null) !== null;
    if (sponsorRef && present.has(sponsorRef)) {
      if (orphaned && row?.orphaned_sponsor_ref === sponsorRef) {
        await this.#states.write(ref, {
          orphaned_since: null,
          orphaned_sponsor_ref: null,
          grace_over_told_at: null,
        });
        await this.#audit('agent-sponsor-returned', agent);
        return;
      }
      if (row?.seen_sponsor_ref !== sponsorRef) {
        await this.#states.write(ref, { seen_sponsor_ref: sponsorRef });
      }
    } else if (
      sponsorRef &&
      !orphaned &&
      row?.seen_sponsor_ref === sponsorRef
    ) {
      await this.#states.write(ref, {
        orphaned_since: now,
        orphaned_sponsor_ref: sponsorRef,
      });
      const end = this.#records.graceEndOf(iso(now)).slice(0, 10);
      await this.#audit('agent-orphan', agent);
      await this.#tell(
        agent,
        `${agent.title} has lost its sponsor`,
        `${sponsorRef} is not in the catalog any more. Somebody else must accept to answer for it on its page; without that it stops on ${end}.`,
      );
      return;
    }
    if (
      orphaned &&
      row!.grace_over_told_at === null &&
      Date.parse(this.#records.graceEndOf(iso(row!.orphaned_since!))) <= now
    ) {
      await this.#states.write(ref, { grace_over_told_at: now });
      await this.#audit('agent-orphan-stop', agent);
      await this.#tell(
        agent,
        `${agent.title} was stopped`,
        `Nobody has answered for it since ${iso(row!.orphaned_since!).slice(
          0,
          10,
        )}. It goes on when a new sponsor accepts it on its page.`,
      );
    }
  }

  async #tell(
    agent: Sponsored,
    title: string,
    description: string,
  ): Promise<void> {
    await this.#notices.send({
      entityRef: agent.ref,
      ownerRef: agent.ownerRef,
      title,
      description,
      scope: `sponsor of ${agent.ref}`,
      severity: 'high',
    });
  }

  async #audit(eventId: string, agent: Sponsored): Promise<void> {
    const event = await this.#auditor.createEvent({
      eventId,
      severityLevel: 'high',
      meta: {
        agentRef: agent.ref,
        sponsorRef: agent.sponsorRef ?? agent.row?.orphaned_sponsor_ref ?? '',
      },
    });
    await event.success();
  }

  async #readAgents(): Promise<Sponsored[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const agents: Sponsored[] = [];
    const pages = this.#catalog.streamEntities(
      { query: AGENTS, fields: FIELDS, pageSize: 500, totalItems: 'exclude' },
      { credentials },
    );
    for await (const page of pages) {
      const refs = page.map(entity => stringifyEntityRef(entity));
      const rows = await this.#states.byRefs(refs);
      page.forEach((entity, i) => {
        const declared = readAgentRefs(entity);
        const row = rows.get(refs[i]);
        if (declared) {
          agents.push({
            ref: refs[i],
            title: entity.metadata.title ?? entity.metadata.name,
            ownerRef: declared.owner,
            sponsorRef: sponsorOf(
              declared.sponsor,
              row,
              originOf(entity) ?? null,
            ),
            row,
          });
        }
      });
    }
    return agents;
  }

  async #hasPeople(): Promise<boolean> {
    const { items } = await this.#catalog.queryEntities(
      { filter: { kind: 'User' }, fields: ['kind'], limit: 1 },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    return items.length > 0;
  }
}
