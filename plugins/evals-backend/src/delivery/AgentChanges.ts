import {
  type AgentEntity,
  type AgentsClient,
  instructionsOf,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import { digestOf, type PluginAsker } from '@agentportal/plugin-agents-node';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { stringifyError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { AgentChange, ChangeStore, KnownVersion } from './ChangeStore';

/** What is only said about an agent, and is not what it does. */
const SAID = [
  'owner',
  'sponsor',
  'system',
  'handoffDescription',
  'exampleQuestions',
];
const PAGE = 100;

/**
 * Sees what agents in production become. What a file says counts from when it holds: where
 * people approve changes, that is when they have.
 */
export class AgentChanges {
  readonly #o: {
    agents: Pick<AgentsClient, 'getPublication'>;
    askAgents: PluginAsker;
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
    store: ChangeStore;
  };

  constructor(options: {
    agents: Pick<AgentsClient, 'getPublication'>;
    askAgents: PluginAsker;
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
    store: ChangeStore;
  }) {
    this.#o = options;
  }

  /** Looks at all agents once. Those that are met at the very first look, until one came to its end, have not changed. */
  async look(now = Date.now()): Promise<void> {
    const { auth, catalog, store } = this.#o;
    const isFirst = !(await store.hasLooked());
    const pages = catalog.streamEntities(
      {
        filter: { kind: 'Agent', 'spec.lifecycle': 'production' },
        pageSize: PAGE,
      },
      { credentials: await auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      const agents = page.filter(isAgentEntity);
      const known = await store.versions(agents.map(stringifyEntityRef));
      const versions: KnownVersion[] = [];
      const changes: AgentChange[] = [];
      for (const agent of agents) {
        const ref = stringifyEntityRef(agent);
        const digest = definitionDigest(agent);
        const before = known.get(ref);
        if ((isFirst && !before) || before?.digest === digest) {
          versions.push({ agentRef: ref, digest });
          continue;
        }
        const since =
          before?.pending?.digest === digest ? before.pending.since : now;
        const inForceAt = await this.#inForceAt(ref, since, now);
        if (inForceAt === undefined) {
          versions.push({
            agentRef: ref,
            digest: before?.digest,
            pending: { digest, since },
          });
          continue;
        }
        versions.push({ agentRef: ref, digest });
        changes.push({
          agentRef: ref,
          ownerRef: ownerOf(agent),
          digest,
          ...(before?.digest && { beforeDigest: before.digest }),
          // When it was committed is not known, so what held at once has no lead time.
          ...(since < now && { proposedAt: since }),
          inForceAt,
        });
      }
      await store.put(versions, changes, now);
    }
    await store.forgetUnseen(now);
    if (isFirst) {
      await store.setLooked(now);
    }
  }

  /** Since when the file of an agent holds; undefined while it does not, or nobody knows. */
  async #inForceAt(
    agentRef: string,
    since: number,
    now: number,
  ): Promise<number | undefined> {
    const { agents, askAgents, logger } = this.#o;
    const { namespace, name } = parseEntityRef(agentRef);
    try {
      const { holds, publishedAt } = await askAgents(by =>
        agents.getPublication(namespace, name, by),
      );
      if (holds !== 'all') {
        return undefined;
      }
      const published = publishedAt ? Date.parse(publishedAt) : now;
      // Less than was approved holds at once, and the approval of before is older.
      return Math.min(now, Math.max(since, published));
    } catch (error) {
      logger.debug(
        `Whether a change of ${agentRef} holds is not known yet: ${stringifyError(
          error,
        )}`,
      );
      return undefined;
    }
  }
}

/** Of all that an agent does, so that the same is the same however its file is written. */
function definitionDigest({ metadata, spec }: AgentEntity): string {
  const does = Object.fromEntries(
    Object.entries(spec).filter(([name]) => !SAID.includes(name)),
  );
  return digestOf({
    ...does,
    instructions: instructionsOf({
      ...metadata,
      instructions: spec.instructions,
    }),
  });
}

function ownerOf({ relations, spec }: AgentEntity): string {
  return (
    relations?.find(({ type }) => type === RELATION_OWNED_BY)?.targetRef ??
    String(spec.owner)
  );
}
