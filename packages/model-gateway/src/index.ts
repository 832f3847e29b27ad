/**
 * The model gateway: one door to every model, in the wire formats of OpenAI and
 * Anthropic.
 *
 * @packageDocumentation
 */
export {
  DEFAULT_LIMITS,
  ModelGateway,
  type GatewayLimits,
  type GatewayOptions,
} from './ModelGateway';
export { GatewayError, type GatewayErrorCode } from './errors';
export type { GatewaySurface } from './formats/surfaces';
export * from './ports';
export {
  ModelDirectory,
  type ProviderSetup,
  type Resolution,
} from './directory/ModelDirectory';
export type {
  ComplexityTier,
  DeclaredModel,
  GatewayModel,
  GatewayRoute,
  ProviderStatus,
  RouteCandidate,
  RouteStrategy,
} from './directory/model';
export { costNanoUsd, type Price, type TokenRate } from './prices/price';
export { PriceBook, type ModelKey } from './prices/PriceBook';
export type { PublishedModel } from './prices/publishedPrices';
export type { UpstreamTimeouts } from './http/Upstream';
export type {
  AnswerChunk,
  JsonObject,
  ListedModel,
  ModelProvider,
  NativeFormat,
  NativeRequest,
  ProviderRequest,
  ProviderType,
  WholeAnswer,
} from './providers/ModelProvider';
export { OpenAiProvider } from './providers/OpenAiProvider';
export { AnthropicProvider } from './providers/anthropic/AnthropicProvider';
export { GeminiProvider } from './providers/gemini/GeminiProvider';
export {
  BuiltInProvider,
  type BuiltInEmbeddings,
  type BuiltInModel,
} from './providers/BuiltInProvider';
export type { TokenUsage } from './usage/tokenUsage';
