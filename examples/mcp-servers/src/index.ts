/**
 * The MCP servers of the example company, Nordhaven Outdoor.
 *
 * @packageDocumentation
 */
export {
  startExampleServers,
  type ExampleServers,
  type ExampleServersOptions,
} from './serving/startExampleServers';
