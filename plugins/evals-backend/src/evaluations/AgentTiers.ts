import { RISK_TIERS, type RiskTier } from '@agentportal/plugin-agents-common';
import type { AuthService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';

/** How far agents reach: the highest risk tier of the tools that their files name. */
export class AgentTiers {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;

  constructor(options: { auth: AuthService; catalog: CatalogService }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
  }

  /** Of those agents that the catalog knows. */
  async of(agentRefs: string[]): Promise<Map<string, RiskTier>> {
    const agents = await this.#read(agentRefs);
    const toolsOf = (spec: Record<string, unknown> | undefined) =>
      Array.isArray(spec?.tools) ? spec.tools.map(String) : [];
    const tools = await this.#read([
      ...new Set([...agents.values()].flatMap(toolsOf)),
    ]);
    return new Map(
      [...agents].map(([ref, spec]) => {
        const tiers = toolsOf(spec).map(tool => tierOf(tools.get(tool)));
        return [
          ref,
          RISK_TIERS.findLast(tier => tiers.includes(tier)) ?? 'read',
        ];
      }),
    );
  }

  async #read(
    entityRefs: string[],
  ): Promise<Map<string, Record<string, unknown>>> {
    if (!entityRefs.length) {
      return new Map();
    }
    const { items } = await this.#catalog.getEntitiesByRefs(
      {
        entityRefs,
        fields: ['kind', 'metadata', 'spec.tools', 'spec.riskTier'],
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    return new Map(
      entityRefs.flatMap((ref, at) => {
        const entity = items[at];
        return entity ? [[ref, (entity.spec ?? {}) as {}]] : [];
      }),
    );
  }
}

/** A tool that is not there yet could become anything. */
function tierOf(spec: Record<string, unknown> | undefined): RiskTier {
  const tier = spec?.riskTier as RiskTier;
  return RISK_TIERS.includes(tier) ? tier : 'critical';
}
