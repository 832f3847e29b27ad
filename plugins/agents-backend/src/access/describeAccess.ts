import {
  type AccessStatement,
  type AgentEntity,
  type AgentIdentity,
  agentRefsOf,
  decideModelUse,
  decideToolCall,
  DEFAULT_DATA_CLASSIFICATION,
  DEFAULT_MODEL_REF,
  isToolEntity,
  RELATION_PROVIDED_BY,
} from '@agentportal/plugin-agents-common';
import type { Rule } from '@agentportal/agent-rules';
import { type Entity, RELATION_OWNED_BY } from '@backstage/catalog-model';
import type { GrantRow } from '../grants/GrantStore';
import type { RuleTextRow } from '../rules/RuleStore';
import { iso, isoIf } from '../store/times';
import type { MatrixRule } from '../approvals/matrix';
import { whoApproves } from '../approvals/whoApproves';

/**
 * Says of an agent what it may do, one sentence for each thing. That it may not act now
 * is said once; the rest says what holds when it may, and that it does not now.
 */
export function describeAccess(options: {
  agent: AgentEntity;
  identity: AgentIdentity;
  suspended?: { at: string; by: string };
  grants: GrantRow[];
  /** Those in force or only logged, about whatever agent and tool. */
  rules: Array<{ text: RuleTextRow; rule: Rule }>;
  /** The tools that it declares, as far as the catalog has them. */
  tools: ReadonlyMap<string, Entity | undefined>;
  /** Who approves calls that it may not make alone. */
  approvals: { matrix: readonly MatrixRule[]; escalateTo: readonly string[] };
  /** Whether what people may see is bounded too. */
  peopleAreBound: boolean;
}): AccessStatement[] {
  const { agent, identity, grants, suspended } = options;
  const refs = agentRefsOf(agent);
  const who = identity.title;
  const inFile = { source: 'entity' as const, by: refs.owner };
  const { lifecycle, dataClassification = DEFAULT_DATA_CLASSIFICATION } =
    agent.spec;
  const isActive = identity.state === 'active';
  const able: AgentIdentity = { ...identity, state: 'active' };
  const model = decideModelUse({
    agent: able,
    model: refs.model ?? DEFAULT_MODEL_REF,
  });
  return [
    {
      kind: 'state',
      allowed: isActive,
      sentence: identity.reason ?? `${who} may act.`,
      source: 'portal',
      by: suspended?.by,
      since: suspended?.at,
    },
    {
      kind: 'identity',
      allowed: identity.inOwnName.allowed,
      sentence:
        identity.identity === 'own'
          ? `${who} acts in its own name${
              lifecycle === 'production' ? '' : ' once it is in production'
            }, and, when a person starts it, for that person and within their rights.`
          : `${who} acts only for a person, and within the rights of that person.`,
      ...inFile,
    },
    {
      kind: 'people',
      allowed: isActive,
      sentence:
        lifecycle === 'production'
          ? `${who} is in production: everybody who may start runs of it may use it.`
          : `${who} is ${
              lifecycle === 'review' ? 'under review' : lifecycle
            }: only ${refs.owner} may use it.`,
      ...inFile,
    },
    {
      kind: 'model',
      subject: refs.model ?? DEFAULT_MODEL_REF,
      allowed: isActive && model.allowed,
      sentence: model.reason,
      ...inFile,
    },
    ...refs.tools.map((toolRef): AccessStatement => {
      const tool = options.tools.get(toolRef);
      if (!tool || !isToolEntity(tool)) {
        return {
          kind: 'tool',
          subject: toolRef,
          allowed: false,
          sentence: `${who} declares ${toolRef}, which is not in the catalog, so it cannot be called.`,
          ...inFile,
        };
      }
      const { riskTier } = tool.spec;
      const { allowed, approvable, earned, reason } = decideToolCall({
        agent: able,
        tool: { ...tool.spec, ref: toolRef },
      });
      return {
        kind: 'tool',
        subject: toolRef,
        riskTier,
        allowed: isActive && allowed,
        sentence: reason,
        ...(approvable && {
          approval: whoApproves(
            options.approvals.matrix,
            {
              riskTier,
              dataClassification: tool.spec.dataClassification,
              lifecycle,
              toolRef,
            },
            {
              'agent-owner': refs.owner,
              'tool-owner': tool.relations?.find(
                ({ type }) => type === RELATION_OWNED_BY,
              )?.targetRef,
              sponsor: refs.sponsor,
              operators: options.approvals.escalateTo,
            },
          ),
        }),
        rules: rulesAbout(tool, identity.agentRef, toolRef, options.rules),
        // People agreed to it in the portal.
        ...(earned ? { source: 'portal' as const } : inFile),
      };
    }),
    {
      kind: 'data',
      subject: dataClassification,
      allowed: isActive,
      sentence: `${who} may see data up to ${dataClassification}${
        options.peopleAreBound
          ? ', and for a person no more than that person may see'
          : ''
      }.`,
      ...inFile,
    },
    ...refs.handoffs.map(
      (to): AccessStatement => ({
        kind: 'handoff',
        subject: to,
        allowed: isActive,
        sentence: `${who} may hand work to ${to}, which then acts with its own tools, but for the same person, on no more autonomy and data, and with no permission that this one lacks.`,
        ...inFile,
      }),
    ),
    ...grants.map((grant): AccessStatement => {
      const until = isoIf(grant.expires_at);
      return {
        kind: 'grant',
        subject: grant.permission,
        allowed: isActive,
        sentence: `${grant.granted_by} gave ${who} the permission ${
          grant.permission
        }${until ? ` until ${until.slice(0, 10)}` : ''}: ${grant.reason}`,
        source: 'portal',
        by: grant.granted_by,
        since: iso(grant.created_at),
        expiresAt: until,
      };
    }),
  ];
}

function rulesAbout(
  tool: Entity,
  agentRef: string,
  toolRef: string,
  rules: Array<{ text: RuleTextRow; rule: Rule }>,
): AccessStatement['rules'] {
  const serverRefs = (tool.relations ?? [])
    .filter(({ type }) => type === RELATION_PROVIDED_BY)
    .map(({ targetRef }) => targetRef);
  return rules
    .filter(
      ({ rule }) =>
        (!rule.agentRef || rule.agentRef === agentRef) &&
        (!rule.toolRef || rule.toolRef === toolRef) &&
        (!rule.serverRef || serverRefs.includes(rule.serverRef)),
    )
    .map(({ rule: { id, mode, reason }, text }) => ({
      ruleId: id,
      mode: mode === 'enforce' ? ('enforce' as const) : ('log' as const),
      reason,
      by: text.changed_by ?? undefined,
      since: iso(text.changed_at),
    }));
}
