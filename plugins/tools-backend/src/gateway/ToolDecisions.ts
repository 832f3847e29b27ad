import type {
  AuthService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AuthorizeResult,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import {
  decideToolCall,
  isAgentEntity,
  type AgentEntity,
  type Decision,
} from '@agentportal/plugin-agents-common';
import {
  toolCallPermission,
  toolReadPermission,
} from '@agentportal/plugin-tools-common';
import { toolResourceRef } from '../permissions/rules';
import type { ToolRecord } from '../registry/records';
import type { Caller } from './Caller';

/** Agents change seldom; a run calls many tools in a row. */
const AGENT_CACHE_MS = 5_000;

/** What a caller may do with a tool. */
export interface Judgement extends Decision {
  /** Whether the tool belongs into the caller's list of tools. */
  listed: boolean;
}

/**
 * Decides who may see and call which tool. A list and a call ask the same
 * question, so that nothing is shown that is then refused, or the reverse.
 */
export class ToolDecisions {
  readonly #permissions: PermissionsService;
  readonly #permissionsRegistry: PermissionsRegistryService;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #agents = new Map<
    string,
    { at: number; agent: Promise<AgentEntity | undefined> }
  >();

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    catalog: CatalogService;
    auth: AuthService;
  }) {
    this.#permissions = options.permissions;
    this.#permissionsRegistry = options.permissionsRegistry;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  /** Whether the caller may see a tool at all. */
  async canRead(caller: Caller): Promise<(tool: ToolRecord) => boolean> {
    return this.#permitted(caller, toolReadPermission);
  }

  /** Whether the caller may call a tool now. */
  async canCall(caller: Caller): Promise<(tool: ToolRecord) => Judgement> {
    const { run } = caller;
    const [permitted, agent] = await Promise.all([
      this.#permitted(caller, toolCallPermission),
      run ? this.#agent(run.agentRef) : undefined,
    ]);
    return tool => {
      if (tool.riskTier === 'forbidden') {
        return refuse(`${tool.name} is forbidden: nobody may call it.`);
      }
      if (run && !agent) {
        return refuse(
          `${run.agentRef} is not in the catalog, so it may not call tools.`,
        );
      }
      if (agent) {
        const decision = decideToolCall({
          agent,
          toolRef: tool.ref,
          riskTier: tool.riskTier,
        });
        if (!decision.allowed) {
          return refuse(decision.reason);
        }
      }
      if (!permitted(tool)) {
        return refuse(
          `${caller.ref} has no permission (tools.tool.call) to call ${tool.name}, a tool with risk tier ${tool.riskTier} of ${tool.ownerRef}.`,
        );
      }
      if (caller.type === 'service' && !run) {
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

  async #permitted(
    caller: Caller,
    permission: ResourcePermission,
  ): Promise<(tool: ToolRecord) => boolean> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials: caller.credentials },
    );
    if (decision.result !== AuthorizeResult.CONDITIONAL) {
      const allowed = decision.result === AuthorizeResult.ALLOW;
      return () => allowed;
    }
    const authorize = createConditionAuthorizer(
      this.#permissionsRegistry.getPermissionRuleset(toolResourceRef),
    );
    return tool => authorize(decision, tool);
  }

  async #agent(ref: string): Promise<AgentEntity | undefined> {
    const now = Date.now();
    const held = this.#agents.get(ref);
    if (held && now - held.at < AGENT_CACHE_MS) {
      return held.agent;
    }
    const agent = this.#readAgent(ref);
    if (this.#agents.size >= 1000) {
      this.#agents.clear();
    }
    this.#agents.set(ref, { at: now, agent });
    agent.catch(() => this.#agents.delete(ref));
    return agent;
  }

  async #readAgent(ref: string): Promise<AgentEntity | undefined> {
    const entity = await this.#catalog.getEntityByRef(ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    return entity && isAgentEntity(entity) ? entity : undefined;
  }
}

function refuse(reason: string): Judgement {
  return { allowed: false, listed: false, reason };
}
