/**
 * Tries a permission policy with random histories of agents.
 *
 * @packageDocumentation
 */
export {
  checkPolicy,
  type ConformanceReport,
  type PolicyParts,
  type PolicyUnderTest,
} from './checkPolicy';
export { checkForbids, type ForbidsUnderTest } from './checkForbids';
export type { Company } from './company';
export { forgeries, type Forgery } from './forgeries';
export type { AgentRows, NewWork } from './rows/AgentRows';
