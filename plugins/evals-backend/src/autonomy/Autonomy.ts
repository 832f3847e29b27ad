import {
  type AutonomyBasis,
  type AutonomyEvidence,
  type EarnedAutonomy,
  EarnedAutonomyClient,
} from '@agentportal/plugin-agents-common';
import {
  audited,
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import type {
  AgentAutonomy,
  AutonomyProposal,
  EndAutonomyRequest,
  ProposeAutonomyRequest,
} from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  AuthService,
  BackstageCredentials,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import type { Incidents } from './Incidents';
import {
  type AutonomyTerms,
  type Beginning,
  decidersOf,
  percent,
  type Standpoint,
  standingOf,
  whyLost,
} from './standing';

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 20_000;
/** As the agents plugin takes it. */
const LONGEST_REASON = 500;
const NAMED = 4;

/** Who decided, for those who are asked whether that is enough. */
function decidedBy(decisions: AutonomyEvidence['decisions']): string {
  const all = decidersOf(decisions);
  const more = all.length - NAMED;
  return `Decided by ${all
    .slice(0, NAMED)
    .map(([ref, calls]) => `${ref} (${calls})`)
    .join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** Why a tool cannot be proposed that has nothing missing. */
const WHY_NOT: Partial<Record<string, string>> = {
  covered: 'the autonomy of the agent covers it already.',
  earned: 'it was earned already.',
  waiting: 'people are asked about it already.',
  never: 'people are asked about each call of such a tool, whatever was shown.',
};

/**
 * What agents have shown that they may be trusted with. Whoever may read the evaluations of an
 * agent sees it, and whoever may manage them proposes more and takes it back; that it is given
 * is for those whom the matrix of approvals names.
 */
export class Autonomy {
  readonly #access: EvalsAccess;
  readonly #agents: EarnedAutonomyClient;
  readonly #ask: PluginAsker;
  readonly #auditor: AuditorService;
  readonly #incidents: Incidents;
  readonly #terms: AutonomyTerms;

  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    auth: AuthService;
    discovery: DiscoveryService;
    incidents: Incidents;
    terms: AutonomyTerms;
  }) {
    this.#access = options.access;
    this.#auditor = options.auditor;
    this.#incidents = options.incidents;
    this.#terms = options.terms;
    this.#agents = new EarnedAutonomyClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'agents',
      timeoutMs: TIMEOUT_MS,
      away: 'What people decided about the agent is not known at the moment. Try again in a minute.',
      answers: [ConflictError, InputError, NotFoundError],
    });
  }

  /** How an agent stands with each of its tools. */
  async get(
    credentials: BackstageCredentials,
    text: string,
  ): Promise<AgentAutonomy> {
    const agentRef = agentRefOf(text);
    await this.#access.requireRead(credentials, agentRef);
    const { evidence, ...read } = await this.#read(agentRef);
    return this.#describe(evidence, read);
  }

  /** Asks people that a tool may be called without asking, when enough was shown. */
  async propose(
    credentials: BackstageCredentials,
    { agentRef: text, reason, toolRef }: ProposeAutonomyRequest,
  ): Promise<AutonomyProposal> {
    const by = personOf(credentials, 'Autonomy is proposed by people');
    const agentRef = agentRefOf(text);
    return audited(
      this.#auditor,
      {
        eventId: 'autonomy-propose',
        severityLevel: 'medium',
        meta: { agentRef, toolRef },
        by: { credentials },
      },
      async () => {
        await this.#access.requireManage(credentials, agentRef);
        const { evidence, ...read } = await this.#read(agentRef);
        const { since, tools } = this.#describe(evidence, read);
        const tool = tools.find(each => each.toolRef === toolRef);
        if (!tool) {
          throw new InputError(`${agentRef} does not declare ${toolRef}.`);
        }
        const { riskTier, standing } = tool;
        if (
          standing !== 'ready' ||
          (riskTier !== 'write' && riskTier !== 'external')
        ) {
          throw new ConflictError(
            `${toolRef} cannot be proposed: ${
              tool.missing.join(' ') || WHY_NOT[standing] || 'look again.'
            }`,
          );
        }
        const basis: AutonomyBasis = {
          agreed: tool.unchanged,
          counted: tool.counted,
          lowerBound: tool.lowerBound!,
          target: tool.target!,
          confidence: this.#terms.confidence,
          deciders: tool.deciders,
          people: tool.people,
          since,
          until: tool.lastAt!,
        };
        const said = [
          `${tool.unchanged} of ${
            tool.counted
          } calls were approved as they were since ${since.slice(
            0,
            10,
          )}: at least ${percent(
            Math.floor(tool.lowerBound! * 1_000) / 1_000,
          )} would be, and ${percent(tool.target!)} are asked for.`,
          decidedBy(
            evidence.decisions.filter(
              each =>
                each.toolRef === toolRef &&
                each.riskTier === riskTier &&
                each.decidedAt >= tool.firstAt!,
            ),
          ),
          ...(reason ? [reason] : []),
        ].join(' ');
        const { id, askedOf, title } = await this.#ask(options =>
          this.#agents.request(
            {
              ...{ agentRef, toolRef, riskTier, basis, by },
              askedShare: this.#terms.askedShare,
              reason: said.slice(0, LONGEST_REASON).toWellFormed(),
            },
            options,
          ),
        );
        return { approvalId: id, askedOf, title: title ?? said };
      },
    );
  }

  /** From now on people are asked about the tool again. */
  async end(
    credentials: BackstageCredentials,
    { agentRef: text, reason, toolRef }: EndAutonomyRequest,
  ): Promise<AgentAutonomy> {
    const by = personOf(credentials, 'Autonomy is taken back by people');
    const agentRef = agentRefOf(text);
    await audited(
      this.#auditor,
      {
        eventId: 'autonomy-end',
        severityLevel: 'medium',
        meta: { agentRef, toolRef },
        by: { credentials },
      },
      async () => {
        await this.#access.requireManage(credentials, agentRef);
        const { evidence } = await this.#beginning(agentRef);
        const held = evidence.earned.find(
          each => each.toolRef === toolRef && each.holds,
        );
        if (!held) {
          throw new ConflictError(
            `${agentRef} calls ${toolRef} without asking no more, or never did.`,
          );
        }
        await this.#ask(options =>
          this.#agents.end(held.id, { by, reason }, options),
        );
      },
    );
    return this.get(credentials, agentRef);
  }

  /** Takes from all agents what they have not kept up. */
  async keep(signal?: AbortSignal): Promise<void> {
    const all = await this.#ask(options => this.#agents.list(options));
    const failures: unknown[] = [];
    for (const [agentRef, earned] of Map.groupBy(all, each => each.agentRef)) {
      if (signal?.aborted) {
        break;
      }
      try {
        for (const { each, reason } of await this.#lost(agentRef, earned)) {
          await this.#ask(options =>
            this.#agents.end(each.id, { reason }, options),
          );
        }
      } catch (error) {
        // Whatever is wrong with one, the others lose what they have to.
        failures.push(error);
      }
    }
    if (failures.length) {
      throw new AggregateError(
        failures,
        `Of ${failures.length} agents it is not known whether they keep what they have earned: ${failures[0]}`,
      );
    }
  }

  async #lost(agentRef: string, earned: EarnedAutonomy[]) {
    try {
      const { beginning, evidence } = await this.#beginning(
        agentRef,
        Date.now(),
        Math.min(...earned.map(each => Date.parse(each.basis.until))),
      );
      return earned.flatMap(each => {
        const reason = whyLost(each, evidence, this.#terms, beginning);
        return reason ? { each, reason } : [];
      });
    } catch (error) {
      // Of one that the catalog does not have nothing holds, for as long as that is so.
      if (error instanceof NotFoundError) {
        return [];
      }
      throw error;
    }
  }

  /** What people decided, and from where it is looked at. */
  async #read(agentRef: string) {
    const now = Date.now();
    const [known, unheard] = await Promise.all([
      this.#beginning(agentRef, now),
      this.#incidents.unheard(agentRef, now),
    ]);
    return { ...known, unheard, now };
  }

  /**
   * What people decided, and since when it counts.
   *
   * @param from - milliseconds since the epoch; decisions before it are not read
   */
  async #beginning(agentRef: string, now = Date.now(), from = 0) {
    const earliest = now - this.#terms.lookBackDays * DAY_MS;
    const [evidence, known] = await Promise.all([
      this.#ask(options =>
        this.#agents.queryEvidence(
          {
            agentRef,
            since: new Date(Math.max(earliest, from)).toISOString(),
          },
          options,
        ),
      ),
      this.#incidents.beginningOf(agentRef, earliest, now),
    ]);
    const stopped = Date.parse(evidence.stoppedAt ?? '') || 0;
    const beginning: Beginning =
      stopped > known.at ? { at: stopped, reason: 'It was stopped.' } : known;
    return { beginning, evidence };
  }

  #describe(evidence: AutonomyEvidence, read: Standpoint): AgentAutonomy {
    const { askedShare, confidence } = this.#terms;
    return {
      agentRef: evidence.agentRef,
      autonomy: evidence.autonomy,
      askedShare,
      confidence,
      since: new Date(read.beginning.at).toISOString(),
      ...(read.beginning.reason && { sinceReason: read.beginning.reason }),
      hasMore: evidence.hasMore,
      tools: standingOf(evidence, this.#terms, read),
    };
  }
}
