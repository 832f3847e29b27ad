import type {
  AgentsClient,
  AgentSummary,
} from '@agentportal/plugin-agents-common';
import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { stringifyError } from '@backstage/errors';
import { pages } from '../service/pages';
import type { Evidence, EvidenceSource, KnownAgent } from './evidence/Evidence';
import type { FactName } from './facts';
import {
  ALL_LEVELS,
  blocks,
  judgeChecks,
  type JudgedCheck,
  type Level,
  levelOf,
} from './judge';
import { kpisOf } from './kpis';
import type { Check } from './scorecardFile';
import type {
  KeptScorecard,
  LevelChange,
  ScorecardStore,
} from './ScorecardStore';

const PAGE = 100;
/** What tells how well an agent works. */
const ABOUT_WORK: FactName[] = [
  'failed-runs',
  'answers-right',
  'satisfaction',
  'bad-conversations',
  'guard-findings',
];
/** A catalog that has lost its agents for a moment costs none its level. */
const GONE_MS = 86_400_000;

interface ScorecardRoundOptions {
  agents: Pick<AgentsClient, 'getAgent' | 'listAgents'>;
  askAgents: PluginAsker;
  checks: readonly Check[];
  logger: LoggerService;
  sources: readonly EvidenceSource[];
  store: ScorecardStore;
  /** Told of agents, and of levels that fell. */
  onComputed?: (agents: KnownAgent[], changes: LevelChange[]) => Promise<void>;
}

/**
 * Computes how all agents stand. Where a neighbour is away, what it told last stays with
 * its age, so that nobody loses a level for it.
 */
export class ScorecardRound {
  readonly #o: ScorecardRoundOptions;
  readonly #first = new Map<string, Promise<void>>();

  constructor(options: ScorecardRoundOptions) {
    this.#o = options;
  }

  /**
   * @param isExtra - between two of the schedule, because something has become known; what
   * fails then is not the second failure in a row that costs a level
   * @throws ServiceUnavailableError when the agents cannot be read; nothing is changed then
   */
  async compute(now = Date.now(), isExtra = false): Promise<void> {
    const { onComputed, store } = this.#o;
    const agents = await this.#agents();
    const changes = await this.#put(agents, now, isExtra);
    await store.removeComputedBefore(now - GONE_MS);
    await onComputed?.(agents, changes);
  }

  /**
   * Computes how one agent stands that no round has come to yet; who asks at the same time waits for the same.
   *
   * @throws NotFoundError when there is no such agent
   */
  async computeFirst(ref: string): Promise<void> {
    const running = this.#first.get(ref) ?? this.#computeFirst(ref);
    this.#first.set(ref, running);
    await running.finally(() => this.#first.delete(ref));
  }

  async #computeFirst(ref: string): Promise<void> {
    const { agents, askAgents } = this.#o;
    const { namespace, name } = parseEntityRef(ref);
    const agent = await askAgents(by => agents.getAgent(namespace, name, by));
    await this.#put([toKnown(agent)], Date.now(), true);
  }

  async #put(
    agents: KnownAgent[],
    now: number,
    isExtra: boolean,
  ): Promise<LevelChange[]> {
    const { checks, store } = this.#o;
    const [gathered, known] = await Promise.all([
      this.#gather(agents, now),
      store.byRefs(agents.map(({ ref }) => ref)),
    ]);
    const cards: KeptScorecard[] = [];
    const changes: LevelChange[] = [];
    for (const agent of agents) {
      const before = known.get(agent.ref);
      const evidence = { ...before?.evidence, ...gathered.get(agent.ref) };
      const judged = judgeChecks(checks, agent, evidence, now);
      const standing = nextLevel(judged, before, this.#severe, isExtra);
      const isChanged = standing.level !== before?.level;
      if (isChanged) {
        changes.push({
          agentRef: agent.ref,
          at: now,
          level: standing.level,
          ...(before && { before: before.level }),
          reasons: reasonsOf(judged, before),
          isWorse: before !== undefined && this.#isWorse(judged, before),
        });
      }
      cards.push({
        agentRef: agent.ref,
        title: agent.title,
        ownerRef: agent.ownerRef,
        ...(evidence.tools?.tier && { tier: evidence.tools.tier }),
        ...standing,
        since: isChanged || !before ? now : before.since,
        computedAt: now,
        strength: strengthOf(standing.level, judged),
        checks: judged,
        kpis: kpisOf(agent.ref, evidence),
        evidence,
      });
    }
    await store.put(cards, changes);
    return changes;
  }

  /** Whether a check of how it works, and not of who owns it, failed that had not before. */
  #isWorse(judged: JudgedCheck[], before: KeptScorecard): boolean {
    const works = new Set(
      this.#o.checks
        .filter(({ fact }) => ABOUT_WORK.includes(fact))
        .map(({ id }) => id),
    );
    return (
      rank(levelOf(judged)) < rank(before.level) &&
      judged.some(({ id, status }) => status === 'failed' && works.has(id))
    );
  }

  get #severe(): ReadonlySet<string> {
    return new Set(
      this.#o.checks.filter(each => each.severe).map(each => each.id),
    );
  }

  async #agents(): Promise<KnownAgent[]> {
    const found = new Map<string, KnownAgent>();
    const { agents, askAgents } = this.#o;
    const listed = pages(cursor =>
      askAgents(by => agents.listAgents({ limit: PAGE, cursor }, by)),
    );
    for await (const page of listed) {
      for (const each of page) {
        found.set(each.ref, toKnown(each));
      }
    }
    return [...found.values()];
  }

  async #gather(
    agents: KnownAgent[],
    now: number,
  ): Promise<Map<string, Evidence>> {
    const { logger, sources } = this.#o;
    const all = new Map<string, Evidence>();
    await Promise.all(
      sources.map(async source => {
        try {
          for (const [ref, part] of await source.read(agents, now)) {
            all.set(ref, { ...all.get(ref), ...part });
          }
        } catch (error) {
          logger.warn(
            `Scorecards go on with what ${
              source.name
            } told last: ${stringifyError(error)}`,
          );
        }
      }),
    );
    return all;
  }
}

function toKnown(agent: AgentSummary): KnownAgent {
  const { ref, title, description, ownerRef, sponsorRef } = agent;
  const { lifecycle, toolRefs, standing } = agent;
  return {
    ...{ ref, title, description, ownerRef, lifecycle, toolRefs },
    ...(sponsorRef && { sponsorRef }),
    state: standing.state,
    ...(standing.suspended && {
      stateReason: `It was suspended: ${standing.suspended.reason}`,
    }),
  };
}

/**
 * The level that counts. A level is gained at once. It is lost when a check fails twice
 * in a row, or once where the check is severe; that evidence has grown too thin loses none.
 */
export function nextLevel(
  judged: readonly JudgedCheck[],
  before: Pick<KeptScorecard, 'level' | 'lowerLevel'> | undefined,
  severe: ReadonlySet<string>,
  isExtra = false,
): { level: Level; lowerLevel?: Level } {
  const found = levelOf(judged);
  if (!before || rank(found) >= rank(before.level)) {
    return { level: found };
  }
  // Only what failed counts against what it has.
  const fallen = levelOf(
    judged.map(check =>
      check.status === 'not-enough-evidence'
        ? { ...check, status: 'passed' as const }
        : check,
    ),
  );
  const kept = rank(fallen) < rank(before.level) ? fallen : before.level;
  const isSevere = judged.some(
    ({ id, status }) => status === 'failed' && severe.has(id),
  );
  if (kept === before.level || isSevere) {
    return { level: kept };
  }
  if (isExtra) {
    return { level: before.level, lowerLevel: before.lowerLevel };
  }
  return before.lowerLevel === undefined
    ? { level: before.level, lowerLevel: kept }
    : {
        level: rank(kept) > rank(before.lowerLevel) ? kept : before.lowerLevel,
      };
}

function rank(level: Level): number {
  return ALL_LEVELS.indexOf(level);
}

/** What has changed since, in the sentences of the checks. */
function reasonsOf(
  judged: readonly JudgedCheck[],
  before: KeptScorecard | undefined,
): string[] {
  const statusOf = new Map(before?.checks.map(each => [each.id, each.status]));
  const changed = judged.filter(
    ({ id, status }) => statusOf.get(id) !== status,
  );
  const worse = changed.filter(({ status }) => status === 'failed');
  const failed = judged.filter(({ status }) => status === 'failed');
  const told = before
    ? [...worse, ...changed, ...failed]
    : judged.filter(blocks);
  return [...new Set(told)]
    .slice(0, 5)
    .map(({ title, sentence }) => `${title}: ${sentence}`);
}

/** Orders agents: by level, and within one by the share of checks that pass, in thousandths. */
function strengthOf(level: Level, judged: readonly JudgedCheck[]): number {
  const asked = judged.filter(({ status }) => status !== 'not-applicable');
  const passed = asked.filter(({ status }) => status === 'passed');
  const share = asked.length ? passed.length / asked.length : 1;
  return rank(level) * 1_001 + Math.floor(share * 1_000);
}
