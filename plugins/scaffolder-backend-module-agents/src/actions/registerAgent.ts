import { setTimeout as sleep } from 'node:timers/promises';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';

const DEFAULT_TIMEOUT_SECONDS = 120;
const ASK_EVERY_MS = 1_000;
const TELL_EVERY_MS = 10_000;

/**
 * `agentportal:agent:register`: waits until the catalog knows the agent, and
 * tells the catalog about its repository first when that is a remote one. A
 * catalog provider watches the folder of local repositories by itself.
 */
export function createRegisterAgentAction(options: {
  catalog: CatalogService;
  /** For tests: milliseconds between two questions to the catalog. */
  askEveryMs?: number;
}) {
  const { catalog, askEveryMs = ASK_EVERY_MS } = options;
  return createTemplateAction({
    id: 'agentportal:agent:register',
    description:
      'Makes the catalog know the agent of a repository and waits until it does. Without catalogInfoUrl it waits for the local repository to be found.',
    supportsDryRun: true,
    examples: [
      {
        description: 'Register the agent of a repository on GitHub',
        example: `steps:
  - id: register
    action: agentportal:agent:register
    input:
      entityRef: agent:default/order-desk
      catalogInfoUrl: https://github.com/acme/order-desk/blob/main/catalog-info.yaml
`,
      },
    ],
    schema: {
      input: {
        entityRef: z => z.string().describe('Entity ref of the agent'),
        catalogInfoUrl: z =>
          z
            .string()
            .optional()
            .describe(
              'Address of catalog-info.yaml at a remote host; empty for a local repository',
            ),
        timeoutSeconds: z => z.number().int().min(1).max(900).optional(),
      },
      output: {
        entityRef: z => z.string(),
        catalogPath: z => z.string().describe('Path of its page in the portal'),
      },
    },
    async handler(ctx) {
      const ref = agentRef(ctx.input.entityRef);
      const { namespace, name } = parseEntityRef(ref);
      const { catalogInfoUrl } = ctx.input;
      ctx.output('entityRef', ref);
      ctx.output('catalogPath', `/catalog/${namespace}/agent/${name}`);
      if (ctx.isDryRun) {
        ctx.logger.info(
          `Would register ${ref} from ${
            catalogInfoUrl || 'its local repository'
          }`,
        );
        return;
      }
      // Not in the schema: in a dry run it is made of sample outputs.
      if (catalogInfoUrl && !URL.canParse(catalogInfoUrl)) {
        throw new InputError(
          `catalogInfoUrl is "${catalogInfoUrl}", which is not an address; give the full one of catalog-info.yaml`,
        );
      }
      const credentials = await ctx.getInitiatorCredentials();
      if (catalogInfoUrl) {
        await ctx.checkpoint({
          key: `location.${ref}`,
          fn: () => addLocation(catalog, catalogInfoUrl, credentials),
        });
        ctx.logger.info(`Told the catalog about ${catalogInfoUrl}`);
      }
      await untilKnown({
        ref,
        catalog,
        credentials,
        askEveryMs,
        timeoutSeconds: ctx.input.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
        tell: message => ctx.logger.info(message),
        signal: ctx.signal,
        hint: catalogInfoUrl
          ? `Look at ${catalogInfoUrl} for mistakes`
          : 'Look at the backend log for what the provider of local repositories says',
      });
      ctx.logger.info(`${ref} is in the catalog`);
    },
  });
}

function agentRef(ref: string): string {
  const parsed = parseEntityRef(ref, { defaultKind: 'agent' });
  if (parsed.kind.toLocaleLowerCase('en-US') !== 'agent') {
    throw new InputError(
      `"${ref}" is not an agent; give a ref such as agent:default/order-desk`,
    );
  }
  return stringifyEntityRef(parsed);
}

async function addLocation(
  catalog: CatalogService,
  target: string,
  credentials: BackstageCredentials,
): Promise<void> {
  try {
    await catalog.addLocation({ type: 'url', target }, { credentials });
  } catch (error) {
    // Registered before this task was taken up again: that is what we want.
    if (!isConflict(error)) {
      throw error;
    }
  }
}

function isConflict(error: unknown): boolean {
  const { name, cause } = error as { name?: string; cause?: { name?: string } };
  return name === 'ConflictError' || cause?.name === 'ConflictError';
}

async function untilKnown(options: {
  ref: string;
  catalog: CatalogService;
  credentials: BackstageCredentials;
  askEveryMs: number;
  timeoutSeconds: number;
  tell: (message: string) => void;
  signal?: AbortSignal;
  hint: string;
}): Promise<void> {
  const { ref, catalog, credentials, tell, timeoutSeconds } = options;
  const started = Date.now();
  let told = started;
  tell(`Waiting for the catalog to read ${ref}`);
  for (;;) {
    if (await catalog.getEntityByRef(ref, { credentials })) {
      return;
    }
    const now = Date.now();
    const waited = Math.round((now - started) / 1000);
    if (now - started >= timeoutSeconds * 1000) {
      throw new Error(
        `The catalog does not show ${ref} after ${waited} s. Its repository is made and nothing is lost. ${options.hint}; as soon as the catalog can read it, the agent appears.`,
      );
    }
    if (now - told >= TELL_EVERY_MS) {
      told = now;
      tell(`Still waiting for ${ref}, ${waited} s so far`);
    }
    await sleep(options.askEveryMs, undefined, { signal: options.signal });
  }
}
