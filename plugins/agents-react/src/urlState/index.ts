export { useUrlState } from './useUrlState';
export type { UrlStateDefaults, UrlStateUpdate } from './useUrlState';
