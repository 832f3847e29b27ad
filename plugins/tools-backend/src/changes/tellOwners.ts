import type { OwnerNotices } from '@agentportal/plugin-agents-node';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { ToolRecord } from '../registry/records';
import type { ToolChange } from './ToolChangeStore';

/** Owners of agents that are told one by one. */
const MAX_AGENTS = 1_000;

/** Tells the owner of a tool that it is held, and the owners of the agents that use it. */
export function tellOwners(options: {
  auth: AuthService;
  catalog: CatalogService;
  notices: OwnerNotices;
  logger: LoggerService;
}): (change: ToolChange, tool: ToolRecord) => void {
  const { auth, catalog, logger, notices } = options;
  const tell = async (change: ToolChange, tool: ToolRecord) => {
    const { items } = await catalog.queryEntities(
      {
        filter: { kind: 'Agent', 'relations.dependsOn': tool.ref },
        fields: ['metadata.name', 'metadata.title', 'relations'],
        limit: MAX_AGENTS,
      },
      { credentials: await auth.getOwnServiceCredentials() },
    );
    const owners = items.flatMap(({ relations }) =>
      (relations ?? [])
        .filter(({ type }) => type === 'ownedBy')
        .map(({ targetRef }) => targetRef),
    );
    const [first] = change.details.findings;
    await notices.send({
      entityRef: tool.ref,
      ownerRef: [
        ...new Set([...(tool.ownerRef ? [tool.ownerRef] : []), ...owners]),
      ],
      link: `/tools?tool=${encodeURIComponent(tool.name)}`,
      title: `${tool.name} is held back: its server has changed it`,
      description: `${
        first ?? 'It is not what was agreed to any more.'
      } Nobody can call it until that is released. ${usersOf(
        items.map(({ metadata }) => metadata.title ?? metadata.name),
      )}`,
      scope: `tools:change:${tool.ref}`,
      severity: 'high',
    });
  };
  // One after the other: a server may change hundreds of tools at once.
  let told = Promise.resolve();
  return (change, tool) => {
    told = told
      .then(() => tell(change, tool))
      .catch(error =>
        logger.warn(`Nobody was told that ${tool.name} is held back`, error),
      );
  };
}

function usersOf(agents: string[]): string {
  if (agents.length === 0) {
    return 'No agent declares it.';
  }
  const named = agents.slice(0, 5).join(', ');
  return `It is used by ${named}${
    agents.length > 5 ? ` and ${agents.length - 5} more` : ''
  }.`;
}
