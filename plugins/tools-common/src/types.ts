import type { components, operations } from './generated/openapi';

/**
 * Requests and answers of each operation of the tools API, by its id.
 *
 * @public
 */
export type ToolsOperations = operations;

/**
 * An MCP server of the catalog and what the last visit found.
 *
 * @public
 */
export type ServerSummary = components['schemas']['ServerSummary'];

/**
 * A page of servers.
 *
 * @public
 */
export type ServerList = components['schemas']['ServerList'];

/**
 * The servers that a refresh visited.
 *
 * @public
 */
export type RefreshResult = components['schemas']['RefreshResult'];

/**
 * A tool in a list, as the caller sees it: `allowed` is the caller's own right.
 *
 * @public
 */
export type ToolSummary = components['schemas']['ToolSummary'];

/**
 * A tool with its schemas and figures.
 *
 * @public
 */
export type Tool = components['schemas']['Tool'];

/**
 * A page of tools.
 *
 * @public
 */
export type ToolList = components['schemas']['ToolList'];

/**
 * Calls of a tool through the gateway in the last 30 days; times in milliseconds.
 *
 * @public
 */
export type ToolStats = components['schemas']['ToolStats'];

/**
 * The hints that a server gave about a tool (MCP tool annotations).
 *
 * @public
 */
export type ToolAnnotations = components['schemas']['ToolAnnotations'];

/**
 * One MCP content block of a tool's answer.
 *
 * @public
 */
export type ToolContent = components['schemas']['ToolContent'];

/**
 * What a tool answered.
 *
 * @public
 */
export type ToolCallResult = components['schemas']['ToolCallResult'];

/**
 * Says of a call that it was only rehearsed, and how it was answered.
 *
 * @public
 */
export type RehearsedCall = components['schemas']['RehearsedCall'];

/**
 * Search, filters and page of a list of tools.
 *
 * @public
 */
export type ToolsQuery = NonNullable<
  operations['listTools']['parameters']['query']
>;

/**
 * Page of a list of servers.
 *
 * @public
 */
export type ServersQuery = NonNullable<
  operations['listServers']['parameters']['query']
>;

/**
 * Which recorded calls.
 *
 * @public
 */
export type RecordedCallsQuery =
  operations['listRecordedCalls']['parameters']['query'];

/**
 * A page of what the guard found in answers of tools.
 *
 * @public
 */
export type GuardFindingList = components['schemas']['GuardFindingList'];

/**
 * What a server says otherwise about a tool than before, and what became of it.
 *
 * @public
 */
export type ToolChange = components['schemas']['ToolChange'];

/**
 * One thing that differs.
 *
 * @public
 */
export type ToolDifference = components['schemas']['ToolDifference'];

/**
 * A page of changes of tools.
 *
 * @public
 */
export type ToolChangeList = components['schemas']['ToolChangeList'];

/**
 * Which changes of tools.
 *
 * @public
 */
export type ToolChangesQuery = NonNullable<
  operations['listToolChanges']['parameters']['query']
>;

/**
 * Calls of agents with what they were called with.
 *
 * @public
 */
export type RecordedCallList = components['schemas']['RecordedCallList'];
