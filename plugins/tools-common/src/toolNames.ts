import {
  DEFAULT_NAMESPACE,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { toolEntityName } from '@agentportal/plugin-agents-common';

/**
 * Key of the Tool's entity ref in `_meta` of each tool that the gateway lists.
 * Programs that know tools by their refs match them by this, not by names.
 *
 * @public
 */
export const TOOL_META_REF = 'agentportal.dev/ref';

/**
 * Key of the tool's risk tier in `_meta` of each tool that the gateway lists.
 *
 * @public
 */
export const TOOL_META_RISK_TIER = 'agentportal.dev/risk-tier';

/**
 * Key in `_meta` of each tool that the gateway lists of which a call that is made twice
 * does no more than one: `true`.
 *
 * @public
 */
export const TOOL_META_REPEATABLE = 'agentportal.dev/repeatable';

/**
 * Key in `_meta` of a call: the same for the same call when it is made again, of at most
 * 255 characters. The gateway passes it on to the server, which may know by it that it
 * has done the call already.
 *
 * @public
 */
export const TOOL_META_IDEMPOTENCY_KEY = 'agentportal.dev/idempotency-key';

/**
 * Key in `_meta` of a call with which the orchestration plugin tells who said the texts
 * among the arguments, by their names: `person`, and refs of tools. Nobody else is
 * believed.
 *
 * @public
 */
export const TOOL_META_PROVENANCE = 'agentportal.dev/provenance';

/**
 * Key in `_meta` of the result of a call that the gateway refused, so that the tool was
 * not called: the ids of the rules that refused it, if rules did.
 *
 * @public
 */
export const TOOL_META_REFUSED_BY = 'agentportal.dev/refused-by';

/**
 * Key in `_meta` of the result of a call that was not made because people have to approve
 * it: `{ id, digest, status, title, expiresAt, askedOf }` of the approval in the agents
 * plugin. Whoever repeats the very call once it is approved gets it made.
 *
 * @public
 */
export const TOOL_META_APPROVAL = 'agentportal.dev/approval';

/**
 * The key under which people are asked about a call of a run, by which the run finds
 * what it has asked.
 *
 * @param idempotencyKey - of the call, see {@link TOOL_META_IDEMPOTENCY_KEY}
 *
 * @public
 */
export function approvalRequestKey(
  runId: string,
  idempotencyKey: string,
): string {
  return `${runId} ${idempotencyKey}`;
}

/**
 * Key in `_meta` of a call of the signed grant with which people approved it.
 *
 * @public
 */
export const TOOL_META_GRANT = 'agentportal.dev/grant';

/**
 * Key in `_meta` of a call that is rehearsed: `{ answers: [{ tool, arguments?, returns }] }`,
 * what tools are to answer in it. A call with this key is rehearsed, as one with the header
 * is. In the result of a list that was asked for with the header it is `true`: the gateway
 * has seen it, and knows what it means.
 *
 * @public
 */
export const TOOL_META_REHEARSAL = 'agentportal.dev/rehearsal';

/**
 * Key in `_meta` of the result of a call that was rehearsed, so that the tool was not called:
 * `{ answeredBy, wouldWait? }`, as `rehearsed` in the result of the REST API.
 *
 * @public
 */
export const TOOL_META_REHEARSED = 'agentportal.dev/rehearsed';

/**
 * Key in `_meta` of a result, or of a block of it, with which a server says that it
 * holds a secret: `true`. The gateway gives such results to people and never to agents.
 *
 * @public
 */
export const TOOL_META_SECRET = 'agentportal.dev/secret';

/**
 * What a tool of an MCP server is called: `ref` in the catalog and `name` at
 * the gateway. Nothing else makes names of tools.
 *
 * @example
 * toolNamesOf('api:default/orders', 'find_order')
 * // { ref: 'tool:default/orders.find_order', name: 'orders.find_order' }
 *
 * @public
 */
export function toolNamesOf(
  serverRef: string,
  toolName: string,
): { ref: string; name: string } {
  // Refs are in lower case; the server's part of the name must not depend on
  // how somebody wrote it.
  const server = parseEntityRef(serverRef.toLocaleLowerCase('en-US'));
  const { namespace } = server;
  const name = toolEntityName(server.name, toolName);
  return {
    ref: stringifyEntityRef({ kind: 'Tool', namespace, name }),
    name: withNamespace(namespace, name),
  };
}

/**
 * The name under which the gateway takes calls of a Tool. It ignores case, so
 * this is right even where the server writes `findOrder`.
 *
 * @example
 * gatewayToolName('tool:claims/crm.find') // 'claims.crm.find'
 *
 * @public
 */
export function gatewayToolName(toolRef: string): string {
  const { namespace, name } = parseEntityRef(toolRef, { defaultKind: 'Tool' });
  return withNamespace(namespace.toLocaleLowerCase('en-US'), name);
}

function withNamespace(namespace: string, name: string) {
  return namespace === DEFAULT_NAMESPACE ? name : `${namespace}.${name}`;
}
