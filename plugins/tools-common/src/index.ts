/**
 * Types, client and permissions of the tool service.
 *
 * @packageDocumentation
 */
export * from './permissions';
export * from './toolNames';
export * from './types';
export * from './ToolsClient';
