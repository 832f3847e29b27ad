/**
 * Finds instructions hidden in data, secrets and personal data.
 *
 * @packageDocumentation
 */
export {
  MAX_CHECKED_ANSWER,
  type UnsupportedClaim,
  unsupportedClaims,
} from './content/claims';
export { SentenceStream, type SentenceVerdict } from './content/SentenceStream';
export { type TopicRule, Topics } from './content/topics';
export { type UnsafeKind, unsafeContentIn } from './content/unsafe';
export { fence, mapTexts } from './fence';
export { describeFinding, GUARD_VERSION } from './findings';
export {
  detectInjection,
  type Injection,
  type Origin,
} from './injection/detectInjection';
export { inspect, type Inspection, type InspectionTask } from './inspect';
export {
  actionOf,
  DEFAULT_POLICY,
  DIRECTIONS,
  guardPolicySchema,
  type Direction,
  type GuardAction,
  type GuardPolicy,
} from './policy';
export { type Findings, findSensitive } from './sensitive/findSensitive';
export { INERT_LINK, type LinkRules } from './sensitive/links';
export { MaskedStream } from './sensitive/MaskedStream';
export {
  findPersonalData,
  PERSONAL_DATA,
  type PersonalDataKind,
  type SensitivePart,
} from './sensitive/personalData';
export { replaceParts } from './sensitive/replaceParts';
export { findSecrets, maskSecrets, mayHoldSecret } from './sensitive/secrets';
export { conversationOf, type GuardConfig, readGuardConfig } from './config';
export {
  describePart,
  mapStrings,
  nameToldSecrets,
  putBackToldSecrets,
  TOLD_SECRET,
  Tokens,
} from './sensitive/Tokens';
export { fold, holdsUnseen } from './text/fold';
export type { ViewKind } from './text/views';
