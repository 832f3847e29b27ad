import type { Rule } from '@agentportal/agent-rules';
import {
  type AgentControl,
  type AgentIdentity,
  AgentRulesClient,
  autonomyCeiling,
  builtInLimit,
  DATA_CLASSIFICATIONS,
  RISK_TIERS,
} from '@agentportal/plugin-agents-common';
import type {
  AgentDecider,
  AgentDecisions,
} from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { NotFoundError, toError } from '@backstage/errors';
import type { AgentRecord, AgentRecords } from '../identities/AgentRecords';
import type { KnownTools } from '../rules/KnownTools';
import type { RuleHitStore } from '../rules/RuleHitStore';
import { callWithForgedToken } from './callWithForgedToken';

const DAYS = 7;
const REPORT_PAGES = 10;
const MAX_RULES = 100;
const TIMEOUT_MS = 3_000;
/** Nobody is called so; it stands for a person who owns nothing. */
const STRANGER = 'user:default/nobody-of-this-name';

type Finding = Pick<AgentControl, 'enforcement' | 'probe'>;
type Tools = Awaited<ReturnType<KnownTools['all']>>;

/** What decides about tool calls at the doors, and what it can be asked about. */
interface Door {
  agent: AgentIdentity;
  decider: AgentDecider;
  tools: Tools;
}

interface ControlProbesOptions {
  auth: AuthService;
  decisions: AgentDecisions;
  discovery: DiscoveryService;
  hits: RuleHitStore;
  records: AgentRecords;
  tools: KnownTools;
}

/**
 * Finds out what stands behind each limit of an agent by asking for what it should
 * refuse: the gateways over HTTP, and the decision that they ask, with the rules that
 * they fetch. Nothing here knows what the answer is going to be.
 */
export class ControlProbes {
  readonly #o: ControlProbesOptions;
  readonly #rules: AgentRulesClient;

  constructor(options: ControlProbesOptions) {
    this.#o = options;
    this.#rules = new AgentRulesClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
  }

  /** @throws NotFoundError when the catalog has no such agent */
  async of(agentRef: string): Promise<AgentControl[]> {
    const { decisions, discovery, records, tools } = this.#o;
    const now = Date.now();
    const record = (await records.read([agentRef], now)).get(agentRef)!;
    if (!record.entity) {
      throw new NotFoundError(`There is no ${agentRef} that can be read.`);
    }
    // What it may do when it may act; that it may not now would hide all else.
    const agent: AgentIdentity = {
      ...records.identityOf(record, now),
      state: 'active',
    };
    const { autonomy, dataClassification, identity, lifecycle } = agent;
    const door = Promise.all([decisions.current(), tools.all()]).then(
      ([decider, all]): Door => ({ agent, decider, tools: all }),
    );
    // Each probe tells of it by itself.
    door.catch(() => {});
    const atDoor = (find: (door: Door) => Finding) => async () =>
      find(await door);
    /** Whether an agent like it could act in another way. */
    const acts = (
      changed: Partial<AgentRecord>,
      acting?: Parameters<AgentRecords['standingOf']>[2],
    ) => records.standingOf({ ...record, ...changed }, now, acting).allowed;

    const controls = [
      probe(
        'proof',
        'A call is its own only with a token that the portal has signed.',
        () => callWithForgedToken(agentRef, discovery),
      ),
      probe(
        'tools',
        'It calls only tools that its file names.',
        atDoor(askUndeclared),
      ),
      probe(
        'autonomy',
        `On ${autonomy} it calls ${autonomyCeiling(autonomy).join(
          ', ',
        )} tools by itself, and riskier ones only when people have approved the call.`,
        atDoor(askRiskier),
      ),
      probe(
        'data',
        dataClassification
          ? `It sees data up to ${dataClassification}.`
          : 'It sees data up to internal, for its file names no class.',
        atDoor(askMoreSensitive),
      ),
      probe('suspension', 'Once suspended it does nothing.', async () =>
        refused(
          !acts({ row: suspendedNow(record, now) }),
          'whether it could act if it were suspended',
        ),
      ),
    ];
    if (identity === 'person') {
      controls.push(
        probe('person', 'It acts only for a person.', async () =>
          refused(!acts({}, {}), 'whether it could act for nobody'),
        ),
      );
    }
    if (lifecycle !== 'production') {
      const person = { ref: STRANGER, ownershipRefs: [STRANGER] };
      controls.push(
        probe('people', 'Only its owners may use it.', async () =>
          refused(!acts({}, { person }), 'whether somebody else could use it'),
        ),
      );
    }
    const [limits, rules] = await Promise.all([
      Promise.all(controls),
      this.#ruleControls(record),
    ]);
    return [...limits, ...rules];
  }

  /** The rules about it that the gateways fetch, with what they told of them. */
  async #ruleControls({ ref, refs }: AgentRecord): Promise<AgentControl[]> {
    const { auth } = this.#o;
    try {
      const { token } = await auth.getPluginRequestToken({
        onBehalfOf: await auth.getOwnServiceCredentials(),
        targetPluginId: 'agents',
      });
      const { rules = [] } = await this.#rules.getEffectiveRules(undefined, {
        token,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const about = (rules as unknown as Rule[]).filter(
        rule =>
          (!rule.agentRef || rule.agentRef === ref) &&
          (!rule.toolRef || refs?.tools.includes(rule.toolRef)),
      );
      const servers = about.some(({ serverRef }) => serverRef)
        ? await this.#serversOf(refs?.tools ?? [])
        : undefined;
      const mine = about
        .filter(({ serverRef }) => !serverRef || servers?.has(serverRef))
        .slice(0, MAX_RULES);
      const matched = mine.length ? await this.#matched() : new Map();
      return mine.map(({ id, mode, reason }) => {
        const isEnforced = mode === 'enforce';
        const { refused: did, wouldHaveRefused: would } = matched.get(id) ?? {
          refused: 0,
          wouldHaveRefused: 0,
        };
        const count = isEnforced ? did : would;
        return {
          id: `rule:${id}`,
          ruleId: id,
          sentence: reason,
          enforcement: isEnforced ? 'enforced' : 'log-only',
          probe: `The gateways fetch it. In ${DAYS} days it ${
            isEnforced ? 'refused' : 'would have refused'
          } ${count.toLocaleString('en-US')} ${
            count === 1 ? 'call' : 'calls'
          }, of all agents.`,
        };
      });
    } catch (error) {
      const sentence = 'Rules about its tool calls.';
      return [{ id: 'rules', sentence, ...unknown(error) }];
    }
  }

  /** Those that some tools are of. */
  async #serversOf(toolRefs: readonly string[]): Promise<Set<string>> {
    const tools = await this.#o.tools.all();
    return new Set(
      tools.flatMap(({ ref, serverRef }) =>
        toolRefs.includes(ref) ? serverRef : [],
      ),
    );
  }

  async #matched() {
    type Report = Awaited<ReturnType<RuleHitStore['report']>>;
    const found = new Map<string, Report['items'][number]>();
    let cursor: string | undefined;
    for (let page = 0; page < REPORT_PAGES; page++) {
      const report: Report = await this.#o.hits.report({
        days: DAYS,
        limit: 100,
        ...(cursor && { cursor }),
      });
      report.items.forEach(item => found.set(item.ruleId, item));
      cursor = report.nextCursor;
      if (!cursor) {
        break;
      }
    }
    return found;
  }
}

async function probe(
  id: string,
  sentence: string,
  find: () => Promise<Finding>,
): Promise<AgentControl> {
  try {
    return { id, sentence, ...(await find()) };
  } catch (error) {
    return { id, sentence, ...unknown(error) };
  }
}

function unknown(error: unknown): Finding {
  return {
    enforcement: 'unknown',
    probe: `It could not be tried: ${toError(error).message}`,
  };
}

function refused(isRefused: boolean, asked: string): Finding {
  return {
    enforcement: isRefused ? 'enforced' : 'declared-only',
    probe: `Asked ${asked}: ${isRefused ? 'no' : 'yes'}.`,
  };
}

function suspendedNow(record: AgentRecord, now: number): AgentRecord['row'] {
  return {
    // Of an agent that nothing happened to there is no row.
    orphaned_since: null,
    identity: null,
    ...record.row,
    suspended_at: now,
    suspended_by: STRANGER,
    suspend_reason: 'To see what happens',
  } as AgentRecord['row'];
}

/** Asks the decision about a call that one limit alone should refuse, in words for people. */
function ask(
  { agent, decider }: Pick<Door, 'agent' | 'decider'>,
  tool: Tools[number],
  limit: string,
  what: string,
): Finding {
  const { allowed, reason, ruleIds } = decider.decide({
    agent,
    tool,
    now: Date.now(),
  } as Parameters<AgentDecider['decide']>[0]);
  if (allowed) {
    return {
      enforcement: 'declared-only',
      probe: `A call of ${what} was let through.`,
    };
  }
  return ruleIds.includes(builtInLimit(limit))
    ? {
        enforcement: 'enforced',
        probe: `A call of ${what} was refused.`,
      }
    : {
        // What another limit refuses says nothing about this one.
        enforcement: 'unknown',
        probe: `A call of ${what} was refused by something else: ${reason}`,
      };
}

function askUndeclared({ agent, decider, tools }: Door): Finding {
  const tool = tools.find(
    ({ ref, riskTier }) => riskTier === 'read' && !agent.tools.includes(ref),
  );
  return tool
    ? ask(
        { agent, decider },
        tool,
        'declared',
        `${tool.ref}, which its file does not name,`,
      )
    : nothingToTry('every reading tool of the portal is in its file');
}

function askRiskier({ agent, decider, tools }: Door): Finding {
  const ceiling = autonomyCeiling(agent.autonomy);
  const beyond = RISK_TIERS.filter(
    tier => !ceiling.includes(tier) && tier !== 'forbidden',
  );
  const tool = beyond
    .map(tier => tools.find(({ riskTier }) => riskTier === tier))
    .find(Boolean);
  if (!tool) {
    return nothingToTry('the portal has no tool that is riskier');
  }
  const { ref, riskTier } = tool;
  return ask(
    { agent: { ...agent, tools: [ref] }, decider },
    { ...tool, dataClassification: 'public' },
    riskTier === 'critical' ? 'critical' : 'autonomy',
    `${ref}, which is ${riskTier}, as if its file named it,`,
  );
}

function askMoreSensitive({ agent, decider, tools }: Door): Finding {
  const { dataClassification = 'internal' } = agent;
  const [next] = DATA_CLASSIFICATIONS.slice(
    DATA_CLASSIFICATIONS.indexOf(dataClassification) + 1,
  );
  const [tool] = tools;
  if (!next || !tool) {
    return nothingToTry('there is no data that is more sensitive');
  }
  const ref = 'tool:default/of-a-probe';
  return ask(
    { agent: { ...agent, tools: [ref] }, decider },
    { ...tool, ref, riskTier: 'read', dataClassification: next },
    'data',
    `a tool that gives ${next} data, as if its file named one,`,
  );
}

function nothingToTry(why: string): Finding {
  return {
    enforcement: 'unknown',
    probe: `There was nothing to try it with: ${why}.`,
  };
}
