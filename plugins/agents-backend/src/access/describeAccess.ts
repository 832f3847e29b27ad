import {
  type AccessStatement,
  type AgentEntity,
  type AgentIdentity,
  agentRefsOf,
  decideModelUse,
  decideToolCall,
  DEFAULT_MODEL_REF,
  isToolEntity,
} from '@agentportal/plugin-agents-common';
import type { Entity } from '@backstage/catalog-model';
import type { GrantRow } from '../grants/GrantStore';
import { iso, isoIf } from '../store/times';

/** Says of an agent what it may do, one sentence for each thing. */
export function describeAccess(options: {
  agent: AgentEntity;
  identity: AgentIdentity;
  grants: GrantRow[];
  /** The tools that it declares, as far as the catalog has them. */
  tools: ReadonlyMap<string, Entity | undefined>;
}): AccessStatement[] {
  const { agent, identity, grants } = options;
  const refs = agentRefsOf(agent);
  const who = identity.title;
  const inFile = { source: 'entity' as const, by: refs.owner };
  const { lifecycle, dataClassification } = agent.spec;
  const model = decideModelUse({
    agent: identity,
    model: refs.model ?? DEFAULT_MODEL_REF,
  });
  return [
    {
      kind: 'state',
      allowed: identity.state === 'active',
      sentence: identity.reason ?? `${who} may act.`,
      source: 'portal',
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
      allowed: true,
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
      allowed: model.allowed,
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
      const { allowed, reason } = decideToolCall({
        agent: identity,
        tool: { ...tool.spec, ref: toolRef },
      });
      return {
        kind: 'tool',
        subject: toolRef,
        riskTier,
        allowed,
        sentence: reason,
        ...inFile,
      };
    }),
    ...(dataClassification
      ? [
          {
            kind: 'data' as const,
            subject: dataClassification,
            allowed: true,
            sentence: `${who} may see data up to ${dataClassification}.`,
            ...inFile,
          },
        ]
      : []),
    ...refs.handoffs.map(
      (to): AccessStatement => ({
        kind: 'handoff',
        subject: to,
        allowed: true,
        sentence: `${who} may hand work to ${to}, which then acts with its own tools, but for the same person, on no more autonomy and data, and with no permission that this one lacks.`,
        ...inFile,
      }),
    ),
    ...grants.map((grant): AccessStatement => {
      const until = isoIf(grant.expires_at);
      return {
        kind: 'grant',
        subject: grant.permission,
        allowed: true,
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
