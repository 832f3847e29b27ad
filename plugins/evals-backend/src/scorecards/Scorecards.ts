import { audited } from '@agentportal/plugin-agents-node';
import type {
  DecideOnAgentRequest,
  LevelChangeList,
  LevelChangesQuery,
  Scorecard,
  ScorecardList,
  ScorecardsQuery,
} from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { withoutSecrets } from '../feedback/withoutSecrets';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import type { VisibleAgents } from '../permissions/visibleAgents';
import { ALL_LEVELS, blocks, type Level } from './judge';
import type { ScorecardRound } from './ScorecardRound';
import type {
  AgentDecision,
  KeptScorecard,
  ScorecardStore,
} from './ScorecardStore';

const DEFAULT_LIMIT = 25;
const LEVEL_NAMES: Record<Level, string> = {
  none: 'No level yet',
  bronze: 'Bronze',
  silver: 'Silver',
  gold: 'Gold',
};

/** How agents stand: who may see it, and who decides on them. */
export class Scorecards {
  readonly #access: EvalsAccess;
  readonly #auditor: AuditorService;
  readonly #round: Pick<ScorecardRound, 'computeFirst'>;
  readonly #store: ScorecardStore;
  readonly #visible: VisibleAgents;

  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    round: Pick<ScorecardRound, 'computeFirst'>;
    store: ScorecardStore;
    visible: VisibleAgents;
  }) {
    this.#access = options.access;
    this.#auditor = options.auditor;
    this.#round = options.round;
    this.#store = options.store;
    this.#visible = options.visible;
  }

  /** The weakest first, with how many agents have each level. */
  async list(
    credentials: BackstageCredentials,
    query: ScorecardsQuery & { limit?: number } = {},
  ): Promise<ScorecardList> {
    await this.#access.requireScorecards(credentials);
    const { limit = DEFAULT_LIMIT, ownerRef: owner, level, cursor } = query;
    const ownerRef = owner?.toLowerCase();
    const visible = await this.#visible(credentials, () =>
      this.#store.agents(),
    );
    const [page, levels] = await Promise.all([
      this.#store.list({ limit, ownerRef, level, cursor }, visible),
      this.#store.countLevels({ ownerRef }, visible),
    ]);
    const decisions = await this.#store.decisionsOf(
      page.items.map(({ agentRef }) => agentRef),
    );
    return {
      items: page.items.map(card => {
        const { kpis: _, ...shown } = toScorecard(
          card,
          decisions.get(card.agentRef),
        );
        return shown;
      }),
      levels,
      ...(page.nextCursor && { nextCursor: page.nextCursor }),
    };
  }

  /** @throws NotFoundError when there is none that the caller may see */
  async get(
    credentials: BackstageCredentials,
    agentRef: string,
  ): Promise<Scorecard> {
    const card = await this.#require(credentials, agentRef);
    const decisions = await this.#store.decisionsOf([card.agentRef]);
    return toScorecard(card, decisions.get(card.agentRef));
  }

  async history(
    credentials: BackstageCredentials,
    query: LevelChangesQuery & { limit?: number },
  ): Promise<LevelChangeList> {
    const { agentRef, limit = DEFAULT_LIMIT, cursor } = query;
    const card = await this.#require(credentials, agentRef);
    return this.#store.changes(card.agentRef, { limit, cursor });
  }

  /** Writes down what the periodic review of an agent came to. Nothing happens by itself. */
  async decide(
    credentials: BackstageCredentials,
    agentRef: string,
    request: DecideOnAgentRequest,
  ): Promise<Scorecard> {
    const by = personOf(credentials, 'People decide on agents');
    const { decision, nextInDays, note: text } = request;
    await audited(
      this.#auditor,
      {
        eventId: 'agent-decide',
        severityLevel: 'medium',
        meta: { agentRef, decision },
        by: { credentials },
      },
      async () => {
        const card = await this.#require(credentials, agentRef);
        await this.#access.requireManage(credentials, card.agentRef);
        const note = await withoutSecrets(text);
        await this.#store.decide(card.agentRef, by, {
          decision,
          nextInDays,
          ...(note && { note }),
        });
      },
    );
    return this.get(credentials, agentRef);
  }

  async #require(
    credentials: BackstageCredentials,
    text: string,
  ): Promise<KeptScorecard> {
    await this.#access.requireScorecards(credentials);
    const agentRef = agentRefOf(text);
    const visible = await this.#visible(credentials, async () => [agentRef]);
    const mayBeSeen = !visible || visible.includes(agentRef);
    const find = async () =>
      (await this.#store.byRefs([agentRef])).get(agentRef);
    let found = mayBeSeen ? await find() : undefined;
    if (mayBeSeen && !found) {
      // Nobody waits for the next round to see how a new agent stands.
      await this.#round.computeFirst(agentRef);
      found = await find();
    }
    if (!found) {
      throw new NotFoundError(
        `${agentRef} has no scorecard that you may see. Agents of the catalog have one.`,
      );
    }
    return found;
  }
}

function toScorecard(
  card: KeptScorecard,
  decision: AgentDecision | undefined,
): Scorecard {
  const { agentRef, title, ownerRef, level, checks, kpis } = card;
  const asked = checks.filter(({ status }) => status !== 'not-applicable');
  const passed = asked.filter(({ status }) => status === 'passed').length;
  const nextLevel = ALL_LEVELS[ALL_LEVELS.indexOf(level) + 1];
  const open = checks.filter(
    check =>
      blocks(check) &&
      ALL_LEVELS.indexOf(check.level) <=
        ALL_LEVELS.indexOf(nextLevel ?? 'gold'),
  );
  const words = open
    .slice(0, 2)
    .map(check => `“${check.title}”`)
    .join(' and ');
  const more = open.length > 2 ? ` and ${open.length - 2} more` : '';
  const regressions = card.evidence.evaluation?.regressions;
  const standing = `${LEVEL_NAMES[level]}: ${passed} of ${asked.length} checks pass.`;
  return {
    ...{ agentRef, title, ownerRef, level },
    ...(nextLevel && { nextLevel }),
    sentence:
      nextLevel && words
        ? `${standing} ${LEVEL_NAMES[nextLevel]} needs ${words}${more}.`
        : standing,
    computedAt: new Date(card.computedAt).toISOString(),
    since: new Date(card.since).toISOString(),
    passed,
    total: asked.length,
    checks,
    kpis,
    ...(regressions !== undefined && { openRegressions: regressions }),
    ...(decision && { decision }),
  };
}
