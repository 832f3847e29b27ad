import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { RoutesApi } from './RoutesApi';

const READS = { readOnly: true, destructive: false, idempotent: true } as const;

/** Offers what people can do with routes as actions, and so as MCP tools. */
export function registerRouteActions(
  registry: ActionsRegistryService,
  routes: RoutesApi,
): void {
  registry.register({
    name: 'list-routes',
    title: 'List routes to models',
    description:
      'Lists routes: how each chooses among its candidates, which of them can be called now, and who owns it.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          q: z.string().max(200).optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.record(z.any())),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await routes.list(input, credentials),
    }),
  });

  registry.register({
    name: 'get-route',
    title: 'Get a route to models',
    description:
      'Reads one route with its YAML and the latest changes that were made to it in the portal.',
    attributes: READS,
    schema: {
      input: z => z.object({ name: z.string().max(63) }),
      output: z =>
        z.object({
          route: z.record(z.any()),
          changes: z.array(z.record(z.any())),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: {
        route: await routes.get(input.name, credentials),
        changes: (await routes.history(input.name, {}, credentials)).items,
      },
    }),
  });

  registry.register({
    name: 'preview-route',
    title: 'Try a route on recent calls',
    description:
      'Tells what the calls of the last days would have cost and which models would have served them with another route. Changes nothing.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          yaml: z.string().max(64_000),
          days: z.number().int().min(1).max(30).optional(),
        }),
      output: z => z.object({ preview: z.record(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: { preview: await routes.preview(input, credentials) },
    }),
  });

  registry.register({
    name: 'save-route',
    title: 'Change a route to models',
    description:
      'Saves the YAML of a route in the portal. It holds at once and goes before what the catalog says.',
    // Overwrites what was saved before.
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({ name: z.string().max(63), yaml: z.string().max(64_000) }),
      output: z => z.object({ route: z.record(z.any()) }),
    },
    action: async ({ input: { name, yaml }, credentials }) => ({
      output: { route: await routes.save(name, { yaml }, credentials) },
    }),
  });

  registry.register({
    name: 'revert-route',
    title: 'Take back the change of a route',
    description:
      'Drops what was saved in the portal, so that the route is again what the catalog says. A route that is only in the portal is gone.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ name: z.string().max(63) }),
      output: z => z.object({ reverted: z.literal(true) }),
    },
    action: async ({ input, credentials }) => {
      await routes.revert(input.name, credentials);
      return { output: { reverted: true as const } };
    },
  });
}
