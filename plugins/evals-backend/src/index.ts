/**
 * Judges agents: data sets, evaluations, gates, experiments, feedback and scorecards.
 *
 * @packageDocumentation
 */
export { evalsPlugin as default } from './plugin';
