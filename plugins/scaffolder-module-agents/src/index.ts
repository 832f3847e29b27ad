/**
 * Form fields that pick the id, model, tools and autonomy of an agent, and how golden paths look.
 *
 * @packageDocumentation
 */
export { scaffolderModuleAgents as default } from './module';
export { goldenPathsAppModule } from './appModule';
export { scaffolderAgentsTranslationRef } from './translation';
