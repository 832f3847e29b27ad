import type { JsonObject } from '@backstage/types';
import type { CatalogProcessor } from '@backstage/plugin-catalog-node';

const PUBLISH_LOCAL = 'agentportal:publish:local';

interface Choice {
  enum?: unknown[];
  enumNames?: unknown[];
  default?: unknown;
}

/**
 * Takes the choice `local` out of templates that publish with
 * `agentportal:publish:local`, for portals without a folder for repositories:
 * what is left of the choice is the default then.
 */
export const withoutLocalRepositories: CatalogProcessor = {
  getProcessorName: () => 'agentportal-without-local-repositories',
  async preProcessEntity(entity) {
    const spec = entity.spec as
      | {
          steps?: Array<{ action?: string }>;
          parameters?: Array<{ properties?: Record<string, Choice> }>;
        }
      | undefined;
    if (
      entity.kind !== 'Template' ||
      !Array.isArray(spec?.steps) ||
      !Array.isArray(spec.parameters) ||
      !spec.steps.some(step => step?.action === PUBLISH_LOCAL)
    ) {
      return entity;
    }
    const parameters = spec.parameters.map(page => ({
      ...page,
      properties: Object.fromEntries(
        Object.entries(page?.properties ?? {}).map(([name, choice]) => [
          name,
          withoutLocal(choice),
        ]),
      ),
    }));
    return {
      ...entity,
      spec: { ...entity.spec, parameters } as unknown as JsonObject,
    };
  },
};

function withoutLocal(choice: Choice): Choice {
  const index = choice?.enum?.indexOf('local') ?? -1;
  if (index < 0) {
    return choice;
  }
  const others = (values?: unknown[]) => values?.filter((_, i) => i !== index);
  return {
    ...choice,
    enum: others(choice.enum),
    ...(choice.enumNames && { enumNames: others(choice.enumNames) }),
    ...(choice.default === 'local' && { default: others(choice.enum)![0] }),
  };
}
