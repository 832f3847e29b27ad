export { RiskBadge } from './RiskBadge';
export type { RiskBadgeProps } from './RiskBadge';
export { AutonomyDots } from './AutonomyDots';
export type { AutonomyDotsProps } from './AutonomyDots';
export { LifecycleTag } from './LifecycleTag';
export type { LifecycleTagProps } from './LifecycleTag';
export { StatusMark } from './StatusMark';
export type { StatusMarkProps, StatusTone } from './StatusMark';
export { useLevelWords } from './useLevelWords';
