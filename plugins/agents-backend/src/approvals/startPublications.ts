import {
  type AgentsOperations,
  type CatalogChangedPayload,
  TOPIC_CATALOG_CHANGED,
} from '@agentportal/plugin-agents-common';
import {
  isAgentPrincipal,
  type OperationHandlers,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type {
  BackstageCredentials,
  PermissionsService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { parseEntityRef } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import type { EventsService } from '@backstage/plugin-events-node';
import { authorizeAgentRead } from '../authorizeAgentRead';
import { requireRef } from '../identities/agentRef';
import type { AgentDirectory } from '../listing/AgentDirectory';
import { asksAboutPublications } from './matrix';
import { Publications } from './Publications';
import type { PublishedDefinitions } from './PublishedDefinitions';

type PublicationOperations = Pick<
  AgentsOperations,
  'GetAgentPublication' | 'RequestAgentPublication'
>;

/** Sets up that people are asked about publications, where the matrix says so. */
export async function startPublications(
  options: Omit<ConstructorParameters<typeof Publications>[0], 'published'> & {
    published: PublishedDefinitions | undefined;
    directory: AgentDirectory;
    events: EventsService;
    permissions: PermissionsService;
    registry: ActionsRegistryService;
    scheduler: SchedulerService;
  },
): Promise<OperationHandlers<PublicationOperations>> {
  const { published, directory, events, permissions, scheduler } = options;
  const publications = published && new Publications({ ...options, published });

  const readable = async (text: string, credentials: BackstageCredentials) => {
    await authorizeAgentRead(permissions, credentials);
    const ref = requireRef('agentRef', text, 'Agent');
    await directory.get(parseEntityRef(ref), credentials);
    return ref;
  };
  const read = async (text: string, credentials: BackstageCredentials) => {
    const ref = await readable(text, credentials);
    return {
      ...((await publications?.describe(ref)) ?? { holds: 'all' as const }),
      asksPeople: asksAboutPublications(options.config.matrix),
    };
  };
  const request = async (text: string, credentials: BackstageCredentials) => {
    const principal = principalOf(credentials);
    if (principal.type !== 'user' || isAgentPrincipal(credentials)) {
      throw new NotAllowedError('Only people ask people about agents.');
    }
    const ref = await readable(text, credentials);
    if (!publications) {
      throw new NotAllowedError(
        'Nobody is asked about publications here: no line of agents.approvals.matrix has the kind publication.',
      );
    }
    return publications.askAgain(ref, principal.userEntityRef);
  };

  if (publications) {
    await scheduler.scheduleTask({
      id: 'look-at-publications',
      frequency: { minutes: 1 },
      initialDelay: { seconds: 10 },
      timeout: { minutes: 10 },
      scope: 'global',
      fn: signal => publications.lookAtAll(signal),
    });
    // What one process does about it, all see in the database.
    await events.subscribe({
      id: 'publications-catalog',
      topics: [TOPIC_CATALOG_CHANGED],
      onEvent: async ({ eventPayload }) => {
        const { entityRefs } = eventPayload as CatalogChangedPayload;
        await publications.look(
          entityRefs.filter(ref => ref.startsWith('agent:')),
        );
      },
    });
  }

  options.registry.register({
    name: 'get-agent-publication',
    title: 'How much of an agent’s file holds',
    description:
      'Tells whether all that the file of an AI agent in production says holds, or no more than what people have approved, and which request waits.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ agentRef: z.string().max(255) }),
      output: z => z.object({ holds: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await read(input.agentRef, credentials),
    }),
  });
  options.registry.register({
    name: 'request-agent-publication',
    title: 'Ask once more whether an agent may be published or changed',
    description:
      'Asks people once more about a publication or change of an AI agent that was rejected, taken back or not decided in time. Whoever asks does not decide.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ agentRef: z.string().max(255) }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await request(input.agentRef, credentials),
    }),
  });

  const textOf = ({ namespace, name }: { namespace: string; name: string }) =>
    `agent:${namespace}/${name}`;
  return {
    GetAgentPublication: ({ path, credentials }) =>
      read(textOf(path), credentials),
    RequestAgentPublication: ({ path, credentials }) =>
      request(textOf(path), credentials),
  };
}
