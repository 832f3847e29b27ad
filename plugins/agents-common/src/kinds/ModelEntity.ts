import type { Entity } from '@backstage/catalog-model';

/**
 * Prices of a model, in integer nano-USD (1e-9 USD) per million tokens.
 *
 * @public
 */
export type ModelPrice = {
  inputNanoUsdPerMillionTokens: number;
  outputNanoUsdPerMillionTokens: number;
  cacheReadNanoUsdPerMillionTokens?: number;
  cacheWriteNanoUsdPerMillionTokens?: number;
  /** Written to the provider's cache for an hour. */
  cacheWrite1hNanoUsdPerMillionTokens?: number;
  cacheReadAudioNanoUsdPerMillionTokens?: number;
  cacheReadImageNanoUsdPerMillionTokens?: number;
  inputAudioNanoUsdPerMillionTokens?: number;
  inputImageNanoUsdPerMillionTokens?: number;
  reasoningNanoUsdPerMillionTokens?: number;
  outputAudioNanoUsdPerMillionTokens?: number;
  outputImageNanoUsdPerMillionTokens?: number;
};

/**
 * How a route chooses among the candidates that can serve.
 *
 * @public
 */
export type RouteStrategy =
  | 'priority'
  | 'weighted'
  | 'lowest-cost'
  | 'lowest-latency'
  | 'complexity';

/**
 * How hard a request is, and what a model is trusted with.
 *
 * @public
 */
export type RouteTier = 'simple' | 'medium' | 'complex' | 'reasoning';

/**
 * What a request can ask of a model.
 *
 * @public
 */
export type ModelNeed =
  | 'tools'
  | 'vision'
  | 'audio'
  | 'files'
  | 'structured-output';

/**
 * A model of a route with the rules under which it is taken.
 *
 * @public
 */
export type RouteCandidateSpec = {
  /** Gateway id (`openai/gpt-5.1`) or Model ref. */
  model: string;
  /** Strategy `weighted`: its share beside the others. Default is 1. */
  weight?: number;
  /** Strategy `complexity`: the hardest requests that it is taken for. */
  tier?: RouteTier;
  /** It is taken only for requests that fit all of these. */
  when?: {
    minInputTokens?: number;
    maxInputTokens?: number;
    /** The request needs at least one of these. */
    needs?: ModelNeed[];
    dataClassification?: Array<
      'public' | 'internal' | 'confidential' | 'restricted'
    >;
  };
};

/**
 * A second model that a route asks when the first is slow.
 *
 * @public
 */
export type RouteHedge = {
  /** Percentile of the model's usual time to the first byte. Default is 95. */
  afterPercentile?: number;
  /** Of the route's calls, in percent. Default is 5. */
  maxPercentOfCalls?: number;
};

/**
 * A model, or a route to models, in the catalog.
 *
 * @public
 */
export interface ModelEntity extends Entity {
  apiVersion: 'agentportal.dev/v1alpha1';
  kind: 'Model';
  spec: {
    type:
      | 'chat'
      | 'embedding'
      | 'moderation'
      | 'rerank'
      | 'image'
      | 'speech'
      | 'transcription'
      | 'route';
    lifecycle: string;
    /** Entity ref of the group or user that owns the model. */
    owner: string;
    system?: string;
    /** Id of the configured provider that serves the model. */
    provider?: string;
    /** The model's id at its provider. */
    modelId?: string;
    /** Input and output tokens together. */
    contextWindow?: number;
    maxOutputTokens?: number;
    /** What the model can do: `tools`, `streaming`, `vision`, … */
    capabilities?: string[];
    price?: ModelPrice;
    /**
     * Routes only: gateway ids (`openai/gpt-5.1`) or Model refs, the best first,
     * each alone or with the rules under which it is taken.
     */
    candidates?: Array<string | RouteCandidateSpec>;
    /** Default is `priority`. */
    strategy?: RouteStrategy;
    /** Gateway ids or Model refs that are tried in order when no candidate serves. */
    fallbacks?: string[];
    /**
     * Whether a conversation stays with its model. Default is true, but for
     * `priority`, where a conversation goes back to the best model.
     */
    sticky?: boolean;
    /** How often a model is asked again after a passing fault. Default is 1. */
    retries?: number;
    /** Off unless it is there. */
    hedge?: RouteHedge;
  };
}

/**
 * Whether an entity is a Model of our apiVersion group.
 *
 * @public
 */
export function isModelEntity(entity: Entity): entity is ModelEntity {
  return (
    entity.kind.toLocaleLowerCase('en-US') === 'model' &&
    entity.apiVersion.startsWith('agentportal.dev/')
  );
}
