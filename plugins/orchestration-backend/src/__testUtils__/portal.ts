// Agents act for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import {
  FINAL_RUN_STATUSES,
  OrchestrationClient,
  type NumberedRunEvent,
  type Run,
} from '@agentportal/plugin-orchestration-common';
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { delegationTokens } from '@agentportal/plugin-agents-node/testUtils';
import {
  type BackendFeature,
  coreServices,
  createServiceFactory,
  type ServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import type { JsonObject } from '@backstage/types';
import createKnex, { type Knex } from 'knex';
import { orchestrationPlugin } from '../plugin';
import { agent } from './agent';
import type { ModelReply, ModelRequest } from './scriptedModel';
import { ScriptedModel } from './scriptedModel';
import { ToolGateway } from './toolGateway';

export { agent };

// Each test starts a backend, and machines are busy at times.
jest.setTimeout(60_000);

function inMemory(): Knex {
  return createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  });
}

/** A backend with this plugin and stand-ins for the two gateways. */
export async function startPortal(
  options: {
    entities?: Entity[];
    model?:
      | ModelReply[]
      | ((
          request: ModelRequest,
          index: number,
        ) => ModelReply | Promise<ModelReply>);
    /** What the ledger of the model gateway says from the start. */
    booked?: object[];
    tools?: ToolGateway | 'absent';
    knex?: Knex;
    /** The database of the agents plugin, for who looks into it. */
    agentsKnex?: Knex;
    /** That of the real tool gateway, where it is one of the services. */
    toolsKnex?: Knex;
    config?: JsonObject;
    /** What other plugins are configured with. */
    rootConfig?: JsonObject;
    services?: Array<ServiceFactory | BackendFeature>;
  } = {},
) {
  const model = new ScriptedModel(options.model ?? [{ text: 'Hello.' }]);
  model.booked.push(...(options.booked ?? []));
  const tools =
    options.tools instanceof ToolGateway ? options.tools : new ToolGateway();
  const knex = options.knex ?? inMemory();
  const databases: Record<string, Knex | undefined> = {
    orchestration: knex,
    agents: options.agentsKnex,
    tools: options.toolsKnex,
  };
  const catalog = catalogServiceMock({
    entities: options.entities ?? [agent('desk')],
  });
  // Plugins of one process hear each other.
  const events = mockServices.events();
  const backend = await startTestBackend({
    features: [
      orchestrationPlugin,
      model.plugin,
      ...(options.tools === 'absent' ? [] : [tools.plugin]),
      createServiceFactory({
        service: catalogServiceRef,
        deps: {},
        factory: () => catalog,
      }),
      mockServices.rootConfig.factory({
        data: {
          backend: {
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
          ...options.rootConfig,
          orchestration: options.config ?? {},
        },
      }),
      createServiceFactory({
        service: coreServices.database,
        deps: { plugin: coreServices.pluginMetadata },
        // The rows of this plugin are in the database that a test brings along.
        factory: ({ plugin }) =>
          mockServices.database({
            knex: databases[plugin.getId()] ?? inMemory(),
          }),
      }),
      agentsPlugin,
      createServiceFactory({
        service: eventsServiceRef,
        deps: {},
        factory: () => events,
      }),
      // Of its own: the one that test backends share knows the tasks of those that ended.
      mockServices.scheduler.factory(),
      delegationTokens,
      ...(options.services ?? []),
    ],
  });
  const { server } = backend;
  const url = `http://localhost:${server.port()}/api/orchestration`;
  const clientOf = (token: string) =>
    new OrchestrationClient({
      discoveryApi: { getBaseUrl: async () => url },
      fetchApi: {
        fetch: (input, init) => {
          const headers = new Headers(init?.headers);
          headers.set('authorization', `Bearer ${token}`);
          return fetch(input, { ...init, headers });
        },
      },
    });
  const as = (userRef: string) => clientOf(mockCredentials.user.token(userRef));
  return {
    server,
    url,
    catalog,
    model,
    tools,
    as,
    asService: clientOf(
      mockCredentials.service.token({
        onBehalfOf: mockCredentials.service('plugin:evals'),
        targetPluginId: 'orchestration',
      }),
    ),
    client: as('user:default/guest'),
    stop: () => backend.stop(),
    /** As an owner stops an agent. */
    suspend: async (agentRef: string, reason: string) => {
      const [, name] = agentRef.split('/');
      const response = await fetch(
        `http://localhost:${server.port()}/api/agents/agents/default/${name}/suspend`,
        {
          method: 'POST',
          headers: {
            authorization: mockCredentials.user.header('user:default/dana'),
            'content-type': 'application/json',
          },
          body: JSON.stringify({ reason }),
        },
      );
      if (!response.ok) {
        throw new Error(await response.text());
      }
    },
    /** A request as the guest, for what the client does not do. */
    fetch: (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: {
          authorization: mockCredentials.user.header('user:default/guest'),
          'content-type': 'application/json',
          ...init.headers,
        },
      }),
    /** How much the database holds of what happened in a run. */
    storedCharacters: async (runId: string) => {
      let characters = 0;
      for (const [table, column] of [
        ['messages', 'message'],
        ['steps', 'step'],
        ['events', 'event'],
      ]) {
        const rows = await knex(`orchestration_${table}`)
          .where('run_id', runId)
          .select(column);
        characters += rows.reduce((sum, row) => sum + row[column].length, 0);
      }
      return characters;
    },
    /** Starts a run and waits for its end. */
    run: async (
      message = 'Where is my order?',
      more: { agentRef?: string; threadId?: string } = {},
    ) => {
      const client = as('user:default/guest');
      const { id } = await client.createRun({
        agentRef: 'agent:default/desk',
        input: { message },
        ...more,
      });
      return untilEnded(client, id);
    },
  };
}

/** Follows a run to its end, and reads it then. */
export async function untilEnded(
  client: OrchestrationClient,
  id: string,
  ms?: number,
): Promise<Run> {
  return until(
    () => client.getRun(id),
    run => FINAL_RUN_STATUSES.includes(run.status),
    ms,
  );
}

/** All events of a run, from the first or after one that was seen. */
export async function eventsOf(
  client: OrchestrationClient,
  id: string,
  lastEventId?: string,
): Promise<NumberedRunEvent[]> {
  const events: NumberedRunEvent[] = [];
  for await (const event of client.streamEvents(id, { lastEventId })) {
    events.push(event);
  }
  return events;
}

/** Looks again and again until what it sees holds. */
export async function until<T>(
  look: () => Promise<T> | T,
  holds: (value: T) => boolean,
  ms = 10_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await look();
    if (holds(value)) {
      return value;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited in vain: ${JSON.stringify(value)}`);
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
