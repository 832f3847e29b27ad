/**
 * The Agents page and the overviews of agents, tools and models.
 *
 * @packageDocumentation
 */
export { agentsPlugin as default } from './plugin';
export { agentsAppModule } from './app/agentsAppModule';
export * from './api';
export { agentsTranslationRef } from './translation';
export { useIsAgentPage } from './app/useIsAgentPage';
