import type { DataClassification } from '../ports';
import type { ModelType } from './modelType';

/**
 * A model that the gateway can call.
 *
 * @public
 */
export interface GatewayModel {
  /** Gateway id: `provider/model`. */
  id: string;
  /** Entity ref in the catalog. */
  ref: string;
  provider: string;
  /** The model's id at its provider. */
  modelId: string;
  type: ModelType;
  title: string;
  description?: string;
  contextWindow?: number;
  maxOutputTokens?: number;
  capabilities: string[];
  /** Whether the provider listed it or a catalog entity declares it. */
  source: 'provider' | 'catalog';
  /** Absent while the model can be called. */
  unavailable?: string;
  /** What entities say of it that is not believed, as sentences. */
  ignored?: string[];
}

/**
 * What a catalog entity says about a model.
 *
 * @public
 */
export interface DeclaredModel {
  /** Absent where it may not take that name; then the one made of its id is its name. */
  ref?: string;
  /**
   * Whether it goes before what the provider says, and takes its name from a route.
   * Otherwise it says nothing about models that a provider lists.
   */
  trusted: boolean;
  provider: string;
  modelId: string;
  type: ModelType;
  title?: string;
  description?: string;
  contextWindow?: number;
  maxOutputTokens?: number;
  capabilities?: string[];
  /** What its entity says that is not believed, as sentences. */
  ignored?: string[];
}

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
export type ComplexityTier = 'simple' | 'medium' | 'complex' | 'reasoning';

/**
 * A model of a route and the rules under which it is taken.
 *
 * @public
 */
export interface RouteCandidate {
  /** Gateway id or entity ref. */
  model: string;
  /** Strategy `weighted`: its share. Default is 1. */
  weight?: number;
  /** Strategy `complexity`: the hardest requests that it is taken for. */
  tier?: ComplexityTier;
  /** It is taken only for requests that fit all of these. */
  when?: {
    minInputTokens?: number;
    maxInputTokens?: number;
    /** The request needs at least one of these. */
    needs?: string[];
    dataClassification?: DataClassification[];
  };
}

/**
 * A name that stands for several models.
 *
 * @public
 */
export interface GatewayRoute {
  /** What callers ask for. */
  name: string;
  ref: string;
  title: string;
  description?: string;
  /** Default is `priority`: the first that can serve. */
  strategy?: RouteStrategy;
  candidates: RouteCandidate[];
  /** Gateway ids or entity refs that are tried in order when no candidate serves. */
  fallbacks?: string[];
  /** Whether a conversation stays with its model. Default is true. */
  sticky?: boolean;
  /** How often a candidate is asked again after a passing fault. Default is 1. */
  retries?: number;
  /** A second model is asked when the first is slow; off unless it is set. */
  hedge?: {
    /** Percentile of the usual time to the first byte. Default is 95. */
    afterPercentile?: number;
    /** Of the route's calls, in percent. Default is 5. */
    maxPercentOfCalls?: number;
  };
  /** Somebody who may use all of its models, or the operator, answers for it. */
  isVouchedFor?: boolean;
}

/**
 * How a provider did when it was last asked for its models.
 *
 * @public
 */
export interface ProviderStatus {
  status: 'ok' | 'error';
  message?: string;
  /** Milliseconds since the epoch; absent before the first check. */
  checkedAt?: number;
}
