import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import type {
  CaseList,
  CasesQuery,
  CreateDataSetRequest,
  DataSet,
  DataSetList,
  DataSetsQuery,
  EvalCase,
  WriteCasesRequest,
} from '@agentportal/plugin-evals-common';
import {
  isAgentPrincipal,
  principalNameOf,
} from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import type { EvalsWorkers } from '../judging/EvalsWorkers';
import { wellFormed } from '../store/wellFormed';
import {
  type DataSetRow,
  type DataSetStore,
  GONE,
  toDataSet,
} from './DataSetStore';

const DEFAULT_LIMIT = 25;
/** The most that a data set holds. */
const MAX_CASES = 2_000;
const MAX_SETS = 200;

/** Data sets, for those who may read or manage the evaluations of their agent. */
export class DataSets {
  readonly #store: DataSetStore;
  readonly #access: EvalsAccess;
  readonly #workers: EvalsWorkers;

  constructor(options: {
    store: DataSetStore;
    access: EvalsAccess;
    workers: EvalsWorkers;
  }) {
    this.#store = options.store;
    this.#access = options.access;
    this.#workers = options.workers;
  }

  async list(
    credentials: BackstageCredentials,
    { agentRef, limit = DEFAULT_LIMIT, cursor }: DataSetsQuery,
  ): Promise<DataSetList> {
    const refs = await this.#access.narrow(credentials, agentRef, () =>
      this.#store.agentRefs(),
    );
    const { rows, nextCursor } = await this.#store.list(
      { agentRefs: refs },
      { limit, cursor },
    );
    return { items: rows.map(toDataSet), ...(nextCursor && { nextCursor }) };
  }

  async create(
    credentials: BackstageCredentials,
    request: CreateDataSetRequest,
  ): Promise<DataSet> {
    const agentRef = agentRefOf(request.agentRef);
    await this.#requireManage(credentials, agentRef);
    const cases = request.cases && (await this.#checked(request, agentRef));
    const { rows } = await this.#store.list(
      { agentRefs: [agentRef] },
      { limit: MAX_SETS },
    );
    if (rows.length >= MAX_SETS) {
      throw new ConflictError(
        `${agentRef} has ${MAX_SETS} data sets. Delete one of them first.`,
      );
    }
    const by = principalNameOf(credentials);
    const id = await this.#store.create({
      agent_ref: agentRef,
      title: wellFormed(request.title),
      description: request.description ? wellFormed(request.description) : null,
      updated_by: by,
    });
    if (cases?.length) {
      await this.#store.write(id, () => cases, by);
    }
    return toDataSet(await this.#store.get(id));
  }

  async get(credentials: BackstageCredentials, id: string): Promise<DataSet> {
    return toDataSet(await this.#readable(credentials, id));
  }

  async delete(credentials: BackstageCredentials, id: string): Promise<void> {
    const { file_problem: problem } = await this.#store.get(id);
    await this.#writable(credentials, id, { isGone: problem === GONE });
    await this.#store.delete(id);
  }

  async listCases(
    credentials: BackstageCredentials,
    id: string,
    { version, limit = DEFAULT_LIMIT, cursor }: CasesQuery,
  ): Promise<CaseList> {
    const row = await this.#readable(credentials, id);
    const of = version ?? row.version;
    if (of !== row.version) {
      await this.#store.requireVersion(id, of);
    }
    return this.#store.listCases(id, of, { limit, cursor });
  }

  async write(
    credentials: BackstageCredentials,
    id: string,
    request: WriteCasesRequest,
  ): Promise<DataSet> {
    const row = await this.#writable(credentials, id);
    const cases = await this.#checked(request, row.agent_ref);
    await this.#store.write(id, () => cases, principalNameOf(credentials));
    return toDataSet(await this.#store.get(id));
  }

  async addCase(
    credentials: BackstageCredentials,
    id: string,
    added: EvalCase,
  ): Promise<DataSet> {
    const row = await this.#writable(credentials, id);
    const [item] = await this.#checked({ cases: [added] }, row.agent_ref);
    await this.#store.write(
      id,
      before => {
        const at = before.findIndex(other => other.id === item.id);
        if (at < 0 && before.length >= MAX_CASES) {
          throw new ConflictError(
            `The data set has ${MAX_CASES} cases. Begin another one.`,
          );
        }
        return at < 0 ? [...before, item] : before.with(at, item);
      },
      principalNameOf(credentials),
    );
    return toDataSet(await this.#store.get(id));
  }

  /** The agent that a data set asks, for those who may manage its evaluations. */
  async agentOf(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<string> {
    return (await this.#writable(credentials, id)).agent_ref;
  }

  async #checked(
    request: WriteCasesRequest,
    agentRef: string,
  ): Promise<EvalCase[]> {
    const { cases, text, format } = request;
    if ((cases === undefined) === (text === undefined)) {
      throw new InputError('Send either "cases", or "text" with its "format".');
    }
    const result =
      text === undefined
        ? await this.#workers.cases({ kind: 'check', cases }, agentRef)
        : await this.#workers.cases(
            { kind: 'read', text, format: format ?? 'yaml' },
            agentRef,
          );
    if ('problem' in result) {
      throw new InputError(result.problem);
    }
    return storable(result.cases);
  }

  async #readable(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<DataSetRow> {
    const row = await this.#store.get(id);
    await this.#access.requireRead(credentials, row.agent_ref);
    return row;
  }

  async #writable(
    credentials: BackstageCredentials,
    id: string,
    { isGone = false } = {},
  ): Promise<DataSetRow> {
    const row = await this.#store.get(id);
    await this.#requireManage(credentials, row.agent_ref);
    if (row.entity_ref && !isGone) {
      throw new ConflictError(
        `This data set is a file, and is changed there: see ${row.entity_ref} in the catalog.`,
      );
    }
    return row;
  }

  async #requireManage(
    credentials: BackstageCredentials,
    agentRef: string,
  ): Promise<void> {
    if (isAgentPrincipal(credentials)) {
      throw new NotAllowedError(
        'Agents do not write the questions that agents are judged by.',
      );
    }
    await this.#access.requireManage(credentials, agentRef);
  }
}

/** As JSON writes them; what is written with a backslash by the person has two. */
const NOT_STORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/**
 * The same cases as text can be stored.
 *
 * @throws InputError for U+0000 and halves of characters, with the case
 */
export function storable(cases: EvalCase[]): EvalCase[] {
  for (const item of cases) {
    // JSON writes halves of characters as escapes.
    if (NOT_STORABLE.test(JSON.stringify(item))) {
      throw new InputError(
        `Case "${item.id}": it has a character that cannot be stored (U+0000, or half of one).`,
      );
    }
  }
  return cases;
}
