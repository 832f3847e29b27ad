import {
  type AgentEntity,
  AgentsClient,
  DEFAULT_MODEL_REF,
  instructionsOf,
  modelRefOf,
} from '@agentportal/plugin-agents-common';
import {
  createPluginAsker,
  digestOf,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import type { Candidate } from '@agentportal/plugin-evals-common';
import type {
  AuthService,
  DiscoveryService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';

const TIMEOUT_MS = 10_000;

/** What the file of an agent says of it, as far as evaluations are about it. */
export interface SaidAgent {
  ref: string;
  title: string;
  ownerRef?: string;
  lifecycle?: string;
  tools: string[];
  dataClassification?: AgentEntity['spec']['dataClassification'];
  instructions: string;
  /** The default of the portal where its file names none. */
  model: string;
}

/**
 * Finds out what is judged: an agent with its instructions and model. Its tools do not count,
 * because nobody can rehearse with tools that an agent does not have yet; people decide about those.
 */
export class Subjects {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #agents: AgentsClient;
  readonly #askAgents: PluginAsker;
  readonly #defaultModel: string;

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    discovery: DiscoveryService;
    rootConfig: RootConfigService;
  }) {
    this.#defaultModel =
      options.rootConfig.getOptionalString('orchestration.defaultModel') ??
      DEFAULT_MODEL_REF;
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#agents = new AgentsClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
    this.#askAgents = createPluginAsker({
      auth: options.auth,
      pluginId: 'agents',
      timeoutMs: TIMEOUT_MS,
      away: 'What holds of the agent is not known at the moment. Try again in a minute.',
      answers: [NotFoundError],
    });
  }

  /**
   * What the file of an agent says.
   *
   * @throws NotFoundError when there is no such agent
   */
  async said(agentRef: string): Promise<SaidAgent> {
    const entity = (await this.#catalog.getEntityByRef(agentRef, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    })) as AgentEntity | undefined;
    if (!entity) {
      throw new NotFoundError(`There is no ${agentRef} in the catalog.`);
    }
    const { metadata, spec, relations } = entity;
    return {
      ref: agentRef,
      title: metadata.title ?? metadata.name,
      ownerRef: relations?.find(({ type }) => type === 'ownedBy')?.targetRef,
      lifecycle: spec.lifecycle,
      tools: spec.tools ?? [],
      dataClassification: spec.dataClassification,
      instructions: instructionsOf({
        ...metadata,
        instructions: spec.instructions as string | undefined,
      }),
      model: modelRefOf(spec.model ?? this.#defaultModel, {
        defaultNamespace: metadata.namespace,
      }),
    };
  }

  /** Whether all that the file of an agent says holds, or since when something else does. */
  async inForce(agentRef: string): Promise<'file' | { since: string }> {
    const { namespace, name } = parseEntityRef(agentRef);
    const { holds, publishedAt } = await this.#askAgents(options =>
      this.#agents.getPublication(namespace, name, options),
    );
    return holds === 'part' ? { since: publishedAt ?? '' } : 'file';
  }
}

/** Another layout tells a model the same, and is no new try at a gate. */
function words(instructions: string | undefined): string | undefined {
  return instructions?.replaceAll(/\s+/g, ' ').trim();
}

/**
 * Of what is judged. Two evaluations with the same one judged the same instructions, but for
 * their layout, and the same model of the same agent.
 *
 * @param inForce - what the candidate's differences are to
 */
export function subjectDigest(
  agent: SaidAgent,
  candidate: Candidate | undefined,
  inForce: 'file' | { since: string },
): string {
  const { ref, instructions, model } = agent;
  if (
    inForce === 'file' ||
    (candidate?.instructions !== undefined && candidate.model !== undefined)
  ) {
    return digestOf({
      agent: ref,
      instructions: words(candidate?.instructions ?? instructions),
      model: candidate?.model ?? model,
    });
  }
  // What was published is not told, only when; it is another one than the file's.
  return digestOf({ agent: ref, ...inForce, candidate: candidate ?? null });
}
