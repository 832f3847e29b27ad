import { type Rule, RuleEngine } from '@agentportal/agent-rules';
import {
  AgentRulesClient,
  decideModelUse,
  isBuiltInLimit,
} from '@agentportal/plugin-agents-common';
import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  isError,
  ServiceUnavailableError,
  stringifyError,
} from '@backstage/errors';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { createPluginAsker, type PluginAsker } from '../http/createPluginAsker';
import type { AgentIdentities } from '../identities/AgentIdentities';
import { combineDecisions } from '../permissions/combineDecisions';
import type { AgentDecider, AgentDecisions } from './AgentDecisions';
import { decideAgentCall } from './decideAgentCall';
import { RuleHitBuffer } from './RuleHitBuffer';

const MAX_AGE_MS = 2_000;
const TIMEOUT_MS = 2_000;
const TELL_EVERY_MS = 5_000;
/** Longer than any call waits for what its rules have to know. */
const CLOSE_AFTER_MS = 60_000;

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };
/** Suspended, retired, ended, forged: a "no". Whoever is away is no "no". */
const REFUSALS = new Set(['NotAllowedError', 'AuthenticationError']);

/** Reads rules from the agents plugin, and keeps the last good ones. */
export class DefaultAgentDecisions implements AgentDecisions {
  readonly #ask: PluginAsker;
  readonly #identities: AgentIdentities;
  readonly #client: AgentRulesClient;
  readonly #logger: LoggerService;
  readonly #hits: RuleHitBuffer;
  #known?: { version: string; engine: RuleEngine; decider: AgentDecider };
  #askedAt = -Infinity;
  #asking?: Promise<void>;

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    identities: AgentIdentities;
    logger: LoggerService;
  }) {
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'agents',
      timeoutMs: TIMEOUT_MS,
      away: 'The agents plugin does not answer.',
    });
    this.#identities = options.identities;
    this.#logger = options.logger;
    this.#client = new AgentRulesClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
    this.#hits = new RuleHitBuffer({
      everyMs: TELL_EVERY_MS,
      tell: hits => this.#ask(by => this.#client.noteRuleHits(hits, by)),
    });
  }

  permission: AgentDecisions['permission'] = async (
    name,
    credentials,
    halves,
  ) => {
    try {
      const party = await this.#identities.resolve(credentials);
      switch (party.type) {
        case 'person':
          return await halves.person(party.personRef);
        case 'agent': {
          const { agent, personRef } = party;
          const granted = agent.grants.includes(name);
          return combineDecisions([
            granted ? ALLOW : halves.agent(agent),
            ...(personRef ? [await halves.person(personRef)] : []),
          ]);
        }
        default:
          return DENY;
      }
    } catch (error) {
      if (isError(error) && REFUSALS.has(error.name)) {
        return DENY;
      }
      throw error;
    }
  };

  model: AgentDecisions['model'] = decideModelUse;

  async current(): Promise<AgentDecider> {
    if (performance.now() - this.#askedAt > MAX_AGE_MS) {
      this.#asking ??= this.#refresh().finally(() => {
        this.#asking = undefined;
      });
      await this.#asking;
    }
    if (!this.#known) {
      throw new ServiceUnavailableError(
        'The agents plugin does not answer, so nobody knows which rules hold for agents. Try again in a moment.',
      );
    }
    return this.#known.decider;
  }

  note: AgentDecisions['note'] = (decision, call) => {
    // The report is about what people wrote.
    for (const ruleId of decision.ruleIds.filter(id => !isBuiltInLimit(id))) {
      this.#hits.add({ ruleId, mode: 'enforce', ...call });
    }
    for (const { ruleId } of decision.logOnly) {
      this.#hits.add({ ruleId, mode: 'log', ...call });
    }
  };

  async #refresh(): Promise<void> {
    try {
      const effective = await this.#ask(by =>
        this.#client.getEffectiveRules(this.#known?.version, by),
      );
      this.#askedAt = performance.now();
      const { version, rules, ...settings } = effective;
      if (rules && version !== this.#known?.version) {
        const engine = new RuleEngine(rules as unknown as Rule[], settings);
        const before = this.#known;
        this.#known = {
          version,
          engine,
          decider: {
            version,
            readsPerson: engine.readsPerson,
            needsOf: (...args) => engine.needsOf(...args),
            counted: toolRef => engine.counted(toolRef),
            decide: question => decideAgentCall(engine, question),
          },
        };
        // Not at once: a call may wait for its history with the rules that were.
        setTimeout(() => before?.engine.close(), CLOSE_AFTER_MS).unref();
      }
    } catch (error) {
      // Not at each call, so that an outage costs nobody two seconds a time.
      this.#askedAt = this.#known ? performance.now() : -Infinity;
      this.#logger.warn(
        `The rules for agents cannot be read${
          this.#known ? '; the last ones hold' : ''
        }: ${stringifyError(error)}`,
      );
    }
  }
}
