/**
 * The model gateway: one door to every model, in the wire formats of OpenAI and
 * Anthropic.
 *
 * @packageDocumentation
 */
export { ModelGateway } from './ModelGateway';
export type { GatewayOptions } from './GatewayOptions';
export { DEFAULT_LIMITS, type GatewayLimits } from './limits';
export { Door, type DoorLimits } from './http/Door';
export { Telemetry } from './telemetry/Telemetry';
export { GatewayError, type GatewayErrorCode } from './errors';
export type { CacheOptions } from './cache/CacheOptions';
export { MemoryCacheStore } from './cache/MemoryCacheStore';
export type {
  CacheCandidate,
  CacheEntry,
  CacheKey,
  CacheStore,
} from './cache/store';
export type { TextAnswer } from './cache/textAnswer';
export { type JsonLimits, JsonMeter } from './formats/JsonMeter';
export type { GatewaySurface } from './formats/surfaces';
export * from './guard/CallGuard';
export * from './ports';
export {
  ModelDirectory,
  type ProviderSetup,
  type Resolution,
  resolveRoute,
} from './directory/ModelDirectory';
export { MODEL_TYPES, type ModelType } from './directory/modelType';
export type {
  ComplexityTier,
  DeclaredModel,
  GatewayModel,
  GatewayRoute,
  ProviderStatus,
  RouteCandidate,
  RouteStrategy,
} from './directory/model';
export {
  type Complexity,
  ComplexityRater,
  DEFAULT_TIER_THRESHOLDS,
  type TierThresholds,
} from './complexity/ComplexityRater';
export {
  calibrate,
  type ComplexityCalibration,
  type ComplexityOutcome,
} from './complexity/calibrate';
export {
  type CompressedRequest,
  type CompressionKind,
  compressRequest,
} from './compression/compressRequest';
export type { ComplexityRating, RatesComplexity } from './routing/complexity';
export { DataPolicy, type DataRule } from './routing/DataPolicy';
export {
  type HealthRow,
  ProviderHealth,
} from './routing/health/ProviderHealth';
export { rehearse, type RehearsedCall, type Stage } from './routing/rehearse';
export type { RoutingOptions } from './routing/Routing';
export { scaledDecimal } from './prices/decimal';
export { LiteLlmPrices } from './prices/LiteLlmPrices';
export {
  costNanoUsd,
  type Price,
  type PriceRates,
  type TierPrice,
  type TokenRate,
} from './prices/price';
export { RATE_PARTS, type RatePart } from './prices/rates';
export { versioned } from './prices/priceDigest';
export type { ServedAs } from './usage/served';
export {
  type ListedFacts,
  type ModelKey,
  PriceBook,
  type PriceList,
} from './prices/PriceBook';
export type { PublishedModel } from './prices/publishedPrices';
export {
  type Credential,
  keyCredential,
  keyHeaders,
} from './credentials/Credential';
export {
  CredentialPool,
  type PooledCredential,
} from './credentials/CredentialPool';
export { type AwsKey, awsCredential } from './credentials/signatureV4';
export {
  type EntraApplication,
  entraCredential,
  type GoogleServiceAccount,
  googleCredential,
} from './credentials/tokens';
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
export type { PassedAnswer, PassedOn } from './passthrough/PassedOn';
export { inputTokens, outputTokens, type TokenUsage } from './usage/tokenUsage';
export { type Unit, UNITS } from './usage/units';
