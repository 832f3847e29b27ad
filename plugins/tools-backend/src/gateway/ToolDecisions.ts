import type {
  PermissionsRegistryService,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import {
  builtInLimit,
  type Decision,
  refuseUncleared,
} from '@agentportal/plugin-agents-common';
import {
  type AgentCallDecision,
  type AgentDecisions,
  type Clearances,
  PermissionDecisions,
} from '@agentportal/plugin-agents-node';
import {
  toolCallPermission,
  toolChangeDecidePermission,
  toolReadPermission,
} from '@agentportal/plugin-tools-common';
import { LRUCache } from 'lru-cache';
import type { CallHistoryStore } from '../ledger/CallHistoryStore';
import { toolResourceRef, type ToolResource } from '../permissions/rules';
import type { ServerRecord, ToolRecord } from '../registry/records';
import type { Caller } from './Caller';

/** A run calls many tools in a row. */
const GROUPS_CACHE_MS = 5_000;

/**
 * Backstage actions that agents may use without further words: they read what everybody
 * who is signed in may read. An action has the whole right of the person who asked, and
 * what it answers is seen by the owner of the agent; other people's words, keys and
 * spend are not for them.
 */
const FOR_AGENTS = /^(catalog\.|auth\.who-am-i$)/;

/** The limits that every call of an agent has passed which goes through. */
function letThrough(by: 'approval' | 'autonomy' | 'earned'): string[] {
  return ['declared', by, 'data', 'permission'].map(builtInLimit);
}

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
  readonly #userInfo: UserInfoService;
  readonly #agentDecisions: AgentDecisions;
  readonly #history: CallHistoryStore;
  readonly #clearances: Clearances;
  /** Groups of people, by the token of the agent that acts for them. */
  readonly #groups = new LRUCache<string, Promise<string[]>>({
    max: 1_000,
    ttl: GROUPS_CACHE_MS,
  });
  /** Backstage actions that agents may use because the operator says so. */
  readonly #agentActions: ReadonlySet<string>;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    userInfo: UserInfoService;
    agentDecisions: AgentDecisions;
    history: CallHistoryStore;
    clearances: Clearances;
    agentActions: string[];
  }) {
    this.#permissions = new PermissionDecisions({
      permissions: options.permissions,
      permissionsRegistry: options.permissionsRegistry,
      resourceRef: toolResourceRef,
    });
    this.#userInfo = options.userInfo;
    this.#agentDecisions = options.agentDecisions;
    this.#history = options.history;
    this.#clearances = options.clearances;
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

  /** Whether the caller may say what becomes of a change of a tool. */
  async canDecideChange(
    caller: Caller,
  ): Promise<(tool: ToolRecord) => boolean> {
    const { allows } = await this.#permissions.allower(
      toolChangeDecidePermission,
      caller.credentials,
      caller.token,
    );
    // The permission policy is never asked about services.
    return tool => caller.type === 'person' && allows(tool);
  }

  /**
   * Whether the caller may call a tool now. A tool for which an approval is all that is
   * missing is in the list: how else would an agent come to ask for it.
   *
   * @param options.approved - whether people have approved the very call
   */
  async canCall(
    caller: Caller,
    servers: Map<string, ServerRecord>,
    options: { approved?: boolean } = {},
  ): Promise<(tool: ToolRecord) => ToolDecision> {
    const { run } = caller;
    const now = Date.now();
    const [permitted, decider] = await Promise.all([
      this.#permissions.allower(
        toolCallPermission,
        caller.credentials,
        caller.token,
      ),
      run ? this.#agentDecisions.current() : undefined,
    ]);
    const person = await this.#personOf(caller, decider?.readsPerson);
    return tool => {
      const server = servers.get(tool.serverRef);
      if (!server || server.absentSince !== undefined) {
        return refuse(
          'server',
          `The catalog does not name ${tool.serverRef} any more, so ${tool.name} cannot be called.`,
        );
      }
      if (tool.invalidReason) {
        return refuse(
          'schema',
          `${tool.name} cannot be called: ${tool.invalidReason}. Its server has to mend it.`,
        );
      }
      if (tool.heldChange) {
        return refuse(
          'change',
          `${tool.name} is held back: its server says something else about it than was agreed to, and nobody has released that yet. Ask its owner ${tool.ownerRef}.`,
        );
      }
      if (tool.riskTier === 'forbidden') {
        return refuse(
          'forbidden',
          `${tool.name} is forbidden: nobody may call it. Ask its owner ${tool.ownerRef}.`,
        );
      }
      if (run && server.isBackstageActions && !this.#isForAgents(tool)) {
        return refuse(
          'actions',
          `${tool.name} is not for agents: it has the whole right of the person who asked, whatever the agent may do and whoever reads its runs. The operator can list ${tool.toolName} in tools.agentActions of app-config.`,
        );
      }
      const decision =
        run && decider?.decide({ ...run, ...options, tool, person, now });
      if (decision && !decision.allowed && !decision.approvable) {
        return { ...decision, listed: false };
      }
      if (!permitted.allows(tool)) {
        return refuse(
          'permission',
          `${caller.ref} has no permission (tools.tool.call) to call ${tool.name}, a tool with risk tier ${tool.riskTier} of ${tool.ownerRef}. Ask its owner, or the people who run the portal.`,
        );
      }
      const uncleared = person && refuseUncleared(person, tool);
      if (uncleared) {
        return { ...uncleared, listed: false };
      }
      if (caller.type === 'service') {
        // The permission policy is never asked about services, so nothing
        // would bound what this one can do.
        return {
          ...refuse(
            'service',
            'A service may not call tools in its own name. Call on behalf of a person, or within a run of an agent.',
          ),
          listed: true,
        };
      }
      if (decision && !decision.allowed) {
        return { ...decision, listed: true };
      }
      return {
        allowed: true,
        listed: true,
        reason: `${caller.ref} has the permission (tools.tool.call) to call ${tool.name}.`,
        ruleIds: [builtInLimit('permission')],
      };
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
    options: {
      callId: string;
      now: number;
      provenance?: Record<string, string[]>;
      approved?: boolean;
      /** Whether it is only rehearsed. */
      isRehearsal?: boolean;
    },
  ): Promise<AgentCallDecision & { rulesVersion: string }> {
    const { run } = caller;
    const { approved, callId, isRehearsal, now, provenance } = options;
    const decider = await this.#agentDecisions.current();
    const person = await this.#personOf(caller, decider.readsPerson);
    const needs = decider.needsOf(run.agentRef, tool);
    const decision = decider.decide({
      ...run,
      tool,
      args,
      approved,
      provenance,
      person,
      now,
      isTrial: isRehearsal,
      ...(needs && {
        history: await this.#history.read(
          { ...run, callId, isRehearsal },
          needs,
          now,
        ),
      }),
    });
    const alone = decision.earned ? 'earned' : 'autonomy';
    // The report is about what agents really tried.
    if (!isRehearsal) {
      this.#agentDecisions.note(decision, {
        agentRef: run.agentRef,
        toolRef: tool.ref,
        ...(run.runId && { runId: run.runId }),
      });
    }
    return {
      ...decision,
      // A refusal names what refused; what went through, all that let it through.
      ...(decision.allowed && {
        ruleIds: letThrough(approved ? 'approval' : alone),
      }),
      rulesVersion: decider.version,
    };
  }

  /** Whether rules count the calls of a tool, and which of its arguments they sum. */
  async counted(tool: ToolRecord) {
    return (await this.#agentDecisions.current()).counted(tool.ref);
  }

  /** The person who calls or is called for, with what is asked about them. */
  async #personOf(caller: Caller, rulesRead: boolean | undefined) {
    const { ref, run, type } = caller;
    if (type === 'service' || ref === run?.agentRef) {
      return undefined;
    }
    const { bound } = this.#clearances;
    const groups = bound || rulesRead ? await this.#groupsOf(caller) : [];
    return {
      ref,
      groups,
      ...(bound && { clearance: this.#clearances.of([ref, ...groups]) }),
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
}

function refuse(limit: string, reason: string): ToolDecision {
  return {
    allowed: false,
    listed: false,
    reason,
    ruleIds: [builtInLimit(limit)],
  };
}
