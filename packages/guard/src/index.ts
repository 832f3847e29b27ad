/**
 * Finds instructions hidden in data, secrets and personal data.
 *
 * @packageDocumentation
 */
export { fence, mapTexts } from './fence';
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
export { findSensitive, MaskedStream } from './sensitive/MaskedStream';
export {
  findPersonalData,
  PERSONAL_DATA,
  type PersonalDataKind,
  type SensitivePart,
} from './sensitive/personalData';
export { findSecrets } from './sensitive/secrets';
export { Tokens } from './sensitive/Tokens';
export type { ViewKind } from './text/views';
