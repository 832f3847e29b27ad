/**
 * Entry of the processes that read rules which people wrote, see `RuleWorkers`.
 *
 * @packageDocumentation
 */
export { runRuleTask as default } from './rules/runRuleTask';
