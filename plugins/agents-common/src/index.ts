/**
 * Kinds, schemas, relations and permissions of agents, tools and models.
 *
 * @packageDocumentation
 */
export * from './kinds';
export * from './permissions';
export * from './runContext';
