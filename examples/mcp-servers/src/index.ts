/**
 * MCP servers of the example company.
 *
 * @packageDocumentation
 */

export {};
