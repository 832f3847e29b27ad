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
  type: 'chat' | 'embedding';
  title: string;
  description?: string;
  contextWindow?: number;
  maxOutputTokens?: number;
  capabilities: string[];
  /** Whether the provider listed it or a catalog entity declares it. */
  source: 'provider' | 'catalog';
  /** Absent while the model can be called. */
  unavailable?: string;
}

/**
 * What a catalog entity says about a model; it goes before what the provider says.
 *
 * @public
 */
export interface DeclaredModel {
  ref: string;
  provider: string;
  modelId: string;
  type: 'chat' | 'embedding';
  title?: string;
  description?: string;
  contextWindow?: number;
  maxOutputTokens?: number;
  capabilities?: string[];
}

/**
 * A name that stands for several models, the best first.
 *
 * @public
 */
export interface GatewayRoute {
  /** What callers ask for. */
  name: string;
  ref: string;
  title: string;
  description?: string;
  /** Gateway ids or entity refs. */
  candidates: string[];
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
