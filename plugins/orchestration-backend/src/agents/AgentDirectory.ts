import { isAgentEntity, isToolEntity } from '@agentportal/plugin-agents-common';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  getCompoundEntityRef,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { type AgentSnapshot, agentTitle } from './snapshot';

/** A tool that an agent declares, as the gateway calls it. */
export interface DeclaredTool {
  /** Entity ref in the catalog. */
  ref: string;
  /** Name at the tool gateway, such as `orders.find_order`. */
  gatewayName: string;
  title?: string;
  riskTier?: RiskTier;
}

/** Looks agents and their tools up in the catalog, with the caller's rights. */
export class AgentDirectory {
  readonly #catalog: CatalogService;

  static create(options: { catalog: CatalogService }): AgentDirectory {
    return new AgentDirectory(options.catalog);
  }

  private constructor(catalog: CatalogService) {
    this.#catalog = catalog;
  }

  /** The agent as it is now; throws when it cannot be run. */
  async loadRunnable(
    ref: string,
    credentials: BackstageCredentials,
  ): Promise<AgentSnapshot> {
    const agentRef = normaliseAgentRef(ref);
    const entity = await this.#catalog.getEntityByRef(agentRef, {
      credentials,
    });
    if (!entity || !isAgentEntity(entity)) {
      throw new NotFoundError(
        `There is no agent ${agentRef} in the catalog, or you may not see it.`,
      );
    }
    const owner = entity.relations?.find(r => r.type === RELATION_OWNED_BY);
    const snapshot: AgentSnapshot = {
      ref: stringifyEntityRef(getCompoundEntityRef(entity)),
      name: entity.metadata.name,
      title: entity.metadata.title,
      description: entity.metadata.description,
      ownerRef: owner?.targetRef,
      spec: entity.spec,
    };
    refuseUnlessRunnable(snapshot);
    return snapshot;
  }

  /**
   * The tools that an agent declares. What the catalog does not know (yet) is
   * kept, under the name that its ref says: the gateway has the last word.
   */
  async listTools(
    agent: AgentSnapshot,
    credentials: BackstageCredentials,
  ): Promise<DeclaredTool[]> {
    const entityRefs = (agent.spec.tools ?? []).map(ref =>
      stringifyEntityRef(
        parseEntityRef(ref, {
          defaultKind: 'tool',
          defaultNamespace: parseEntityRef(agent.ref).namespace,
        }),
      ),
    );
    if (!entityRefs.length) {
      return [];
    }
    const { items } = await this.#catalog.getEntitiesByRefs(
      { entityRefs },
      { credentials },
    );
    return entityRefs.map((ref, i) => {
      const entity = items[i];
      if (!entity || !isToolEntity(entity)) {
        return { ref, gatewayName: parseEntityRef(ref).name };
      }
      const server = parseEntityRef(entity.spec.providedBy, {
        defaultKind: 'api',
        defaultNamespace: 'default',
      });
      return {
        ref,
        gatewayName: `${server.name}.${entity.spec.toolName}`,
        title: entity.metadata.title,
        riskTier: entity.spec.riskTier,
      };
    });
  }
}

/** Writes a ref in full and in lower case; refuses what is no agent. */
export function normaliseAgentRef(ref: string): string {
  let parsed;
  try {
    parsed = parseEntityRef(ref, {
      defaultKind: 'agent',
      defaultNamespace: 'default',
    });
  } catch {
    throw new InputError(
      `"${ref}" is not an entity ref. Write it like agent:default/order-desk.`,
    );
  }
  if (parsed.kind.toLocaleLowerCase('en-US') !== 'agent') {
    throw new InputError(
      `"${ref}" is a ${parsed.kind}, and only agents can be run. Write the ref like agent:default/order-desk.`,
    );
  }
  return stringifyEntityRef(parsed);
}

function refuseUnlessRunnable(agent: AgentSnapshot): void {
  const title = agentTitle(agent);
  const { lifecycle, framework, type } = agent.spec;
  if (lifecycle === 'suspended') {
    throw new ConflictError(
      `${title} is suspended, so it cannot be run. Its owner (${agent.spec.owner}) can put it back to work by changing its lifecycle.`,
    );
  }
  if (lifecycle === 'retired') {
    throw new ConflictError(
      `${title} is retired and is not run any more. Choose another agent.`,
    );
  }
  if (framework === 'a2a' || type === 'external') {
    throw new ConflictError(
      `${title} runs outside this portal, and the portal cannot start it yet.`,
    );
  }
}
