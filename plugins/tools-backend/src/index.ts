/**
 * The tool registry and the one MCP endpoint in front of every server.
 *
 * @packageDocumentation
 */

export {};
