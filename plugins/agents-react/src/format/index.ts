export { formatNanoUsd } from './money';
export { formatTokens } from './tokens';
export { formatDuration } from './duration';
export { formatCount, formatPercent } from './numbers';
