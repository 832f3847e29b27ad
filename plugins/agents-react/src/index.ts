/**
 * Components that every Agent Portal plugin shares: faces, badges, money and time.
 *
 * @packageDocumentation
 */
export * from './identity';
export * from './badges';
export * from './format';
export * from './time';
export * from './values';
export * from './charts';
export * from './feedback';
export * from './entities';
export * from './urlState';
export * from './loading';
export * from './markdown';
export * from './table';
export * from './notFound';
export * from './schemaForm';
export * from './approvals';
export * from './comparison';
export * from './agentForm';
export { agentsReactTranslationRef } from './translation';
