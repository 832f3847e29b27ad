/**
 * The model gateway: one door to every model, in OpenAI's wire format.
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
export * from './ports';
export {
  ModelDirectory,
  type ProviderSetup,
  type Resolution,
} from './directory/ModelDirectory';
export type {
  DeclaredModel,
  GatewayModel,
  GatewayRoute,
  ProviderStatus,
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
  ProviderRequest,
  ProviderType,
  WholeAnswer,
} from './providers/ModelProvider';
export { OpenAiProvider } from './providers/OpenAiProvider';
export { AnthropicProvider } from './providers/anthropic/AnthropicProvider';
export {
  BuiltInProvider,
  type BuiltInEmbeddings,
  type BuiltInModel,
} from './providers/BuiltInProvider';
export type { TokenUsage } from './usage/tokenUsage';
