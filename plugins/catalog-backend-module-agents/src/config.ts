import path from 'node:path';
import type { RootConfigService } from '@backstage/backend-plugin-api';

/** The settings of the module; see config.d.ts for what they mean. */
export interface AgentsCatalogConfig {
  /** Absolute path of the folder with local agent repositories. */
  localRepositoriesFolder: string;
  /** How often tools and models are read from their backends. */
  intervalMs: number;
  /** Entity ref of the owner of models that no YAML describes. */
  modelOwner: string;
}

/** Reads the settings, with defaults that suit a fresh checkout. */
export function readAgentsCatalogConfig(
  config: RootConfigService,
): AgentsCatalogConfig {
  const seconds =
    config.getOptionalNumber('agents.catalog.refreshSeconds') ?? 30;
  return {
    localRepositoriesFolder: path.resolve(
      config.getOptionalString('agents.localRepositories.path') ??
        '.data/agent-repositories',
    ),
    intervalMs: Math.max(5, seconds) * 1000,
    modelOwner:
      config.getOptionalString('agents.catalog.modelOwner') ??
      'group:default/platform',
  };
}
