import type {
  AuthService,
  PermissionsRegistryService,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  isAgentEntity,
  type AgentEntity,
  type Decision,
} from '@agentportal/plugin-agents-common';
import {
  type AgentCallDecision,
  type AgentDecisions,
  PermissionDecisions,
} from '@agentportal/plugin-agents-node';
import {
  toolCallPermission,
  toolReadPermission,
} from '@agentportal/plugin-tools-common';
import { NotAllowedError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import type { CallHistoryStore } from '../ledger/CallHistoryStore';
import { toolResourceRef, type ToolResource } from '../permissions/rules';
import type { ServerRecord, ToolRecord } from '../registry/records';
import type { Caller } from './Caller';

/** Agents change seldom; a run calls many tools in a row. */
const AGENT_CACHE_MS = 5_000;

/**
 * Backstage actions that agents may use without further words: they read what everybody
 * who is signed in may read. An action has the whole right of the person who asked, and
 * what it answers is seen by the owner of the agent; other people's words, keys and
 * spend are not for them.
 */
const FOR_AGENTS = /^(catalog\.|auth\.who-am-i$)/;

/** What a caller may do with a tool. */
export interface ToolDecision extends Decision {
  /** Whether the tool belongs into the caller's list of tools. */
  listed: boolean;
}

/**
 * Decides who may see and call which tool. A list and a call ask the same
 * question, so that nothing is shown that is then refused, or the reverse.
 */
export class ToolDecisions {
  readonly #permissions: PermissionDecisions<ToolResource>;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #userInfo: UserInfoService;
  readonly #agentDecisions: AgentDecisions;
  readonly #history: CallHistoryStore;
  /** Groups of people, by the token of the agent that acts for them. */
  readonly #groups = new LRUCache<string, Promise<string[]>>({
    max: 1_000,
    ttl: AGENT_CACHE_MS,
  });
  /** Backstage actions that agents may use because the operator says so. */
  readonly #agentActions: ReadonlySet<string>;
  readonly #agents = new LRUCache<string, Promise<AgentEntity | undefined>>({
    max: 1_000,
    ttl: AGENT_CACHE_MS,
  });

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    catalog: CatalogService;
    auth: AuthService;
    userInfo: UserInfoService;
    agentDecisions: AgentDecisions;
    history: CallHistoryStore;
    agentActions: string[];
  }) {
    this.#permissions = new PermissionDecisions({
      permissions: options.permissions,
      permissionsRegistry: options.permissionsRegistry,
      resourceRef: toolResourceRef,
    });
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#userInfo = options.userInfo;
    this.#agentDecisions = options.agentDecisions;
    this.#history = options.history;
    this.#agentActions = new Set(options.agentActions);
  }

  /** Whether the caller may see a tool at all. */
  async canRead(caller: Caller): Promise<(tool: ToolRecord) => boolean> {
    const { allows } = await this.#permissions.allower(
      toolReadPermission,
      caller.credentials,
      caller.token,
    );
    return allows;
  }

  /** Whether the caller may call a tool now. */
  async canCall(
    caller: Caller,
    servers: Map<string, ServerRecord>,
  ): Promise<(tool: ToolRecord) => ToolDecision> {
    const { run } = caller;
    const now = Date.now();
    const [permitted, agent, rules] = await Promise.all([
      this.#permissions.allower(
        toolCallPermission,
        caller.credentials,
        caller.token,
      ),
      run ? this.#agent(run.agentRef) : undefined,
      run ? this.#rules(caller) : undefined,
    ]);
    return tool => {
      const server = servers.get(tool.serverRef);
      if (!server || server.absentSince !== undefined) {
        return refuse(
          `The catalog does not name ${tool.serverRef} any more, so ${tool.name} cannot be called.`,
        );
      }
      if (tool.invalidReason) {
        return refuse(
          `${tool.name} cannot be called: ${tool.invalidReason}. Its server has to mend it.`,
        );
      }
      if (tool.riskTier === 'forbidden') {
        return refuse(`${tool.name} is forbidden: nobody may call it.`);
      }
      if (run && !agent) {
        return refuse(
          `${run.agentRef} is not in the catalog, so it may not call tools.`,
        );
      }
      if (run && server.isBackstageActions && !this.#isForAgents(tool)) {
        return refuse(
          `${tool.name} is not for agents: it has the whole right of the person who asked, whatever the agent may do and whoever reads its runs. The operator can list ${tool.toolName} in tools.agentActions of app-config.`,
        );
      }
      if (run && agent && rules) {
        const decision = rules.decider.decide({
          agentRef: run.agentRef,
          agent,
          tool,
          ceiling: run.autonomy,
          person: rules.person,
          now,
        });
        if (!decision.allowed) {
          return refuse(decision.reason);
        }
        if (run.tools && !run.tools.includes(tool.ref)) {
          return refuse(
            `${tool.name} is not among the tools that this task was given.`,
          );
        }
      }
      if (!permitted.allows(tool)) {
        return refuse(
          `${caller.ref} has no permission (tools.tool.call) to call ${tool.name}, a tool with risk tier ${tool.riskTier} of ${tool.ownerRef}.`,
        );
      }
      if (caller.type === 'service') {
        // The permission policy is never asked about services, so nothing
        // would bound what this one can do.
        return {
          allowed: false,
          listed: true,
          reason:
            'A service may not call tools in its own name. Call on behalf of a person, or within a run of an agent.',
        };
      }
      return { allowed: true, listed: true, reason: 'Permitted.' };
    };
  }

  /**
   * Decides about a call of an agent with what it is called with. The ledger has the
   * call by now, so that calls at the same time count each other.
   */
  async decideCall(
    caller: Caller & { run: NonNullable<Caller['run']> },
    tool: ToolRecord,
    args: Record<string, unknown>,
    now: number,
  ): Promise<AgentCallDecision> {
    const { run } = caller;
    const [agent, { decider, person }] = await Promise.all([
      this.#agent(run.agentRef),
      this.#rules(caller),
    ]);
    if (!agent) {
      throw new NotAllowedError(
        `${run.agentRef} is not in the catalog, so it may not call tools.`,
      );
    }
    const needs = decider.needsOf(run.agentRef, tool.ref);
    const decision = decider.decide({
      agentRef: run.agentRef,
      agent,
      tool,
      args,
      ceiling: run.autonomy,
      person,
      now,
      ...(needs && { history: await this.#history.read(run, needs, now) }),
    });
    this.#agentDecisions.note(decision, {
      agentRef: run.agentRef,
      toolRef: tool.ref,
      ...(run.runId && { runId: run.runId }),
    });
    return decision;
  }

  /** Whether rules count the calls of a tool, and which of its arguments they sum. */
  async counted(tool: ToolRecord) {
    return (await this.#agentDecisions.current()).counted(tool.ref);
  }

  /** The rules, and what they ask about the person. */
  async #rules(caller: Caller) {
    const decider = await this.#agentDecisions.current();
    const { ref, run } = caller;
    return {
      decider,
      ...(ref !== run?.agentRef && {
        person: {
          ref,
          groups: decider.readsPerson ? await this.#groupsOf(caller) : [],
        },
      }),
    };
  }

  async #groupsOf({ credentials, token, ref }: Caller): Promise<string[]> {
    const key = token ?? ref;
    let groups = this.#groups.get(key);
    if (!groups) {
      groups = this.#userInfo
        .getUserInfo(credentials)
        .then(info => info.ownershipEntityRefs.filter(each => each !== ref));
      this.#groups.set(key, groups);
      groups.catch(() => this.#groups.delete(key));
    }
    return groups;
  }

  #isForAgents(tool: ToolRecord): boolean {
    return (
      (tool.annotations?.readOnlyHint === true &&
        FOR_AGENTS.test(tool.toolName)) ||
      this.#agentActions.has(tool.toolName)
    );
  }

  async #agent(ref: string): Promise<AgentEntity | undefined> {
    let agent = this.#agents.get(ref);
    if (!agent) {
      agent = this.#readAgent(ref);
      this.#agents.set(ref, agent);
      agent.catch(() => this.#agents.delete(ref));
    }
    return agent;
  }

  async #readAgent(ref: string): Promise<AgentEntity | undefined> {
    const entity = await this.#catalog.getEntityByRef(ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    return entity && isAgentEntity(entity) ? entity : undefined;
  }
}

function refuse(reason: string): ToolDecision {
  return { allowed: false, listed: false, reason };
}
