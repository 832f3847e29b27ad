import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { fullRefOf } from '@agentportal/plugin-agents-common';
import type { EvalCase } from '@agentportal/plugin-evals-common';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { stringifyError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { z } from 'zod/v4';
import type { EvalsWorkers } from '../judging/EvalsWorkers';
import { type GateTerms, gateTermsSchema } from '../gates/GateTerms';
import { storable } from './DataSets';
import { type DataSetRow, type DataSetStore, GONE } from './DataSetStore';

const TYPE = 'evaluation-data-set';
const PAGE = 20;

const specSchema = z.object({
  agent: z.string(),
  cases: z.unknown(),
  gate: gateTermsSchema.optional(),
});

/** What an entity says, or what is wrong with it. */
interface Said {
  agentRef?: string;
  cases?: EvalCase[];
  gate?: GateTerms;
  problem?: string;
}

/**
 * Takes data sets from files: entities `kind: Resource` of `spec.type: evaluation-data-set`.
 * Everybody who may register a location can write one for any agent, so it counts where its
 * owner owns the agent too and it was read from where the agent was, or from a place that
 * the operator trusts. What is broken changes nothing: the last version that was good holds.
 */
export class FileDataSets {
  readonly #o: {
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
    store: DataSetStore;
    trust: CatalogTrust;
    workers: EvalsWorkers;
  };

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
    store: DataSetStore;
    trust: CatalogTrust;
    workers: EvalsWorkers;
  }) {
    this.#o = options;
  }

  /** Looks at all of them. */
  async look(signal?: AbortSignal): Promise<void> {
    const { auth, catalog, logger, store } = this.#o;
    const credentials = await auth.getOwnServiceCredentials();
    const known = await store.files();
    const seen = new Set<string>();
    const pages = catalog.streamEntities(
      { filter: { kind: 'Resource', 'spec.type': TYPE }, pageSize: PAGE },
      { credentials },
    );
    for await (const page of pages) {
      if (signal?.aborted) {
        return;
      }
      const agentRefs = [...new Set(page.flatMap(each => agentOf(each) ?? []))];
      const { items } = await catalog.getEntitiesByRefs(
        {
          entityRefs: agentRefs,
          fields: ['kind', 'metadata', 'relations'],
        },
        { credentials },
      );
      const agents = new Map(agentRefs.map((ref, at) => [ref, items[at]]));
      for (const entity of page) {
        const ref = stringifyEntityRef(entity);
        seen.add(ref);
        try {
          await this.#take(
            entity,
            await this.#read(entity, agents),
            known.get(ref),
          );
        } catch (error) {
          logger.warn(
            `The data set ${ref} was not read: ${stringifyError(error)}`,
          );
        }
      }
    }
    for (const [ref, { id, file_problem }] of known) {
      if (!seen.has(ref) && file_problem !== GONE) {
        // A catalog that is being filled has few entities, so it goes when somebody deletes it.
        await store.describe(id, { file_problem: GONE });
      }
    }
  }

  async #read(
    entity: Entity,
    agents: Map<string, Entity | undefined>,
  ): Promise<Said> {
    const agentRef = agentOf(entity);
    if (!agentRef) {
      return { problem: 'spec.agent is not the ref of an agent.' };
    }
    const agent = agents.get(agentRef);
    if (!agent) {
      return { problem: `There is no ${agentRef} in the catalog.` };
    }
    if (!this.#mayState(entity, agent)) {
      return {
        problem: `It does not count for ${agentRef}: whoever owns it must own the agent too, and its file must lie where that of the agent does, or in a place that the operator trusts.`,
      };
    }
    const spec = specSchema.safeParse(entity.spec);
    if (!spec.success) {
      return { agentRef, problem: z.prettifyError(spec.error) };
    }
    const { cases, gate } = spec.data;
    const checked = await this.#o.workers.cases(
      // Text where the file lies beside the entity, or `$text` names it.
      typeof cases === 'string'
        ? { kind: 'read', text: cases, format: 'yaml' }
        : { kind: 'check', cases },
      agentRef,
    );
    return {
      agentRef,
      gate,
      ...('cases' in checked
        ? { cases: storable(checked.cases) }
        : { problem: checked.problem }),
    };
  }

  #mayState(entity: Entity, agent: Entity): boolean {
    const { trust } = this.#o;
    const owner = ownerOf(entity);
    return (
      owner !== undefined &&
      owner === ownerOf(agent) &&
      (trust.trusts(entity) || trust.sameOrigin(entity, agent))
    );
  }

  async #take(
    entity: Entity,
    { agentRef, cases, gate, problem }: Said,
    known: DataSetRow | undefined,
  ): Promise<void> {
    const { logger, store } = this.#o;
    const entityRef = stringifyEntityRef(entity);
    if (!known && !agentRef) {
      // Nobody's page is the place for what a stranger says of an agent.
      logger.warn(`${entityRef} is no data set: ${problem}`);
      return;
    }
    const { title = entity.metadata.name, description = null } =
      entity.metadata;
    const values = {
      title: title.slice(0, 255),
      description,
      file_problem: problem
        ? `${problem} The last version that was good holds.`
        : null,
      gate: gate ? JSON.stringify(gate) : null,
    };
    const id =
      known?.id ??
      (await store.create({
        agent_ref: agentRef!,
        entity_ref: entityRef,
        title: values.title,
      }));
    await store.describe(id, {
      ...values,
      ...(agentRef && { agent_ref: agentRef }),
      // A file that is broken must not take its gate away.
      ...(problem && { gate: known?.gate ?? null }),
    });
    if (cases) {
      await store.write(id, () => cases);
    }
  }
}

function agentOf({ spec }: Entity): string | undefined {
  return typeof spec?.agent === 'string'
    ? fullRefOf(spec.agent, 'Agent')
    : undefined;
}

function ownerOf({ relations }: Entity): string | undefined {
  return relations?.find(({ type }) => type === RELATION_OWNED_BY)?.targetRef;
}
