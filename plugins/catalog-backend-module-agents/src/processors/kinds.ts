import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_DEPENDENCY_OF,
  RELATION_DEPENDS_ON,
  RELATION_HAS_PART,
  RELATION_OWNED_BY,
  RELATION_OWNER_OF,
  RELATION_PART_OF,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type {
  CatalogProcessor,
  CatalogService,
} from '@backstage/plugin-catalog-node';
import {
  agentRefsOf,
  isAgentEntity,
  isModelEntity,
  isToolEntity,
  modelRefsOf,
  RELATION_DELEGATED_FROM,
  RELATION_DELEGATES_TO,
  RELATION_PROVIDED_BY,
  RELATION_PROVIDES_TOOL,
  RELATION_SPONSOR_OF,
  RELATION_SPONSORED_BY,
  toolRefsOf,
  validateModelEntity,
  validateToolEntity,
} from '@agentportal/plugin-agents-common';
import {
  type CatalogTrust,
  isMirrored,
  originOf,
  type StatedField,
} from '@agentportal/plugin-agents-node';
import { kindProcessor } from './kindProcessor';
import { withLocalInstructions } from './localInstructions';
import { validateAgent } from './validateAgent';

const owned = [RELATION_OWNED_BY, RELATION_OWNER_OF] as const;
const part = [RELATION_PART_OF, RELATION_HAS_PART] as const;
const depends = [RELATION_DEPENDS_ON, RELATION_DEPENDENCY_OF] as const;

/** The field of a Model that says something that others rely on. */
const STATED_BY_MODELS: Record<string, StatedField> = {
  price: 'price',
  contextWindow: 'modelFacts',
  maxOutputTokens: 'modelFacts',
  capabilities: 'modelFacts',
};

/**
 * The processors of the kinds Agent, Tool and Model.
 *
 * A Tool or Model that states what is not for its author to state does not get
 * into the catalog at all, so that no page and no relation ever says it; an
 * entity that was there before stays as it was, with the error on it.
 */
export function kindProcessors(options: {
  trust: CatalogTrust;
  catalog: CatalogService;
  auth: AuthService;
}): CatalogProcessor[] {
  const { trust, catalog, auth } = options;
  return [
    kindProcessor('Agent', {
      isKind: isAgentEntity,
      validate: validateAgent,
      // The catalog leaves entities that lack the sort field out of sorted
      // lists, so an agent without a title has its name as title.
      prepare: async ({ metadata, ...agent }, location, emit) =>
        withLocalInstructions(
          {
            ...agent,
            metadata: { ...metadata, title: metadata.title ?? metadata.name },
          },
          location,
          emit,
        ),
      relations: agent => {
        const refs = agentRefsOf(agent);
        return [
          [refs.owner, ...owned],
          [refs.sponsor, RELATION_SPONSORED_BY, RELATION_SPONSOR_OF],
          [refs.system, ...part],
          [refs.model, ...depends],
          [refs.tools, ...depends],
          [refs.knowledge, ...depends],
          [refs.skills, ...depends],
          [refs.handoffs, RELATION_DELEGATES_TO, RELATION_DELEGATED_FROM],
        ];
      },
    }),
    kindProcessor('Tool', {
      isKind: isToolEntity,
      validate: validateToolEntity,
      prepare: async tool => {
        if (!isMirrored(tool) && !trust.trusts(tool)) {
          await refuseStranger(tool);
        }
        // They fill the catalog's search table; the tools API has them.
        const { inputSchema, outputSchema, ...spec } = tool.spec as Record<
          string,
          any
        >;
        return { ...tool, spec };
      },
      relations: tool => {
        const refs = toolRefsOf(tool);
        return [
          [refs.owner, ...owned],
          [refs.system, ...part],
          [refs.providedBy, RELATION_PROVIDED_BY, RELATION_PROVIDES_TOOL],
        ];
      },
    }),
    kindProcessor('Model', {
      isKind: isModelEntity,
      validate: validateModelEntity,
      prepare: async model => {
        const stated = Object.keys(model.spec).filter(
          field =>
            field in STATED_BY_MODELS &&
            !isMirrored(model) &&
            !trust.mayState(STATED_BY_MODELS[field], { stating: model }),
        );
        if (stated.length) {
          throw new InputError(
            `${stated.map(field => `spec.${field}`).join(', ')} of a model ${
              stated.length > 1 ? 'are' : 'is'
            } for the people to say who run the portal. Leave it out, or ask them to add ${originOf(
              model,
            )} to agents.trustedLocations.`,
          );
        }
        return model;
      },
      relations: model => {
        const refs = modelRefsOf(model);
        return [
          [refs.owner, ...owned],
          [refs.system, ...part],
          [[...refs.candidates, ...refs.fallbacks], ...depends],
        ];
      },
    }),
  ];

  /** Whose tool it is, is said where its server is registered. */
  async function refuseStranger(tool: Entity): Promise<void> {
    const { providedBy } = tool.spec ?? {};
    if (typeof providedBy !== 'string' || !isToolEntity(tool)) {
      return; // The schema speaks about it.
    }
    const server = toolRefsOf(tool).providedBy;
    const about = await catalog.getEntityByRef(server, {
      credentials: await auth.getOwnServiceCredentials(),
    });
    if (!trust.mayState('toolOwner', { stating: tool, about })) {
      throw new InputError(
        `The owner and the risk of a tool are said by whoever registered its server, ${server}, from the same location. Move the Tool there, or ask the people who run the portal to add ${originOf(
          tool,
        )} to agents.trustedLocations.`,
      );
    }
  }
}
