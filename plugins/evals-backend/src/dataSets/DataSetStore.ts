import {
  digestOf,
  decodeCursor,
  encodeCursor,
  readPage,
} from '@agentportal/plugin-agents-node';
import {
  type CaseList,
  type DataSet,
  type EvalCase,
  problemsOf,
  smallestDifference,
} from '@agentportal/plugin-evals-common';
import { ConflictError, NotFoundError } from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import { iso } from '../store/iso';

/** Variables of one statement have a limit on both databases. */
const ROWS_AT_ONCE = 100;
const positionSchema = z.tuple([z.number().int(), z.string().max(100)]);

/** What is said of a data set whose file is away. */
export const GONE = 'Its file is no longer in the catalog.';

/** A data set as it is stored. */
export interface DataSetRow {
  id: string;
  agent_ref: string;
  title: string;
  description: string | null;
  entity_ref: string | null;
  version: number;
  case_count: number;
  created_at: number | string;
  updated_at: number | string;
  updated_by: string | null;
  problems: string;
  file_problem: string | null;
  gate: string | null;
}

/** A case with where it stands and what it is paired by. */
export interface StoredCase {
  item: EvalCase;
  position: number;
  digest: string;
}

interface CaseRow {
  case_id: string;
  position: number;
  digest: string;
  body: string;
}

/** Data sets and the versions of their cases. */
export class DataSetStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async create(
    values: Pick<DataSetRow, 'agent_ref' | 'title'> &
      Partial<Pick<DataSetRow, 'description' | 'entity_ref' | 'updated_by'>>,
  ): Promise<string> {
    const id = randomUUID();
    const now = Date.now();
    await this.#knex<DataSetRow>('evals_data_sets').insert({
      id,
      ...values,
      version: 0,
      case_count: 0,
      created_at: now,
      updated_at: now,
      problems: '[]',
    });
    return id;
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<DataSetRow> {
    const row = await this.#knex<DataSetRow>('evals_data_sets')
      .where({ id })
      .first();
    if (!row) {
      throw new NotFoundError(`There is no data set ${id}.`);
    }
    return row;
  }

  /** @param filter.agentRefs - only of these agents; of all unless given */
  async list(
    filter: { agentRefs?: string[] },
    page: { limit: number; cursor?: string },
  ): Promise<{ rows: DataSetRow[]; nextCursor?: string }> {
    const select = this.#knex('evals_data_sets').select('*');
    if (filter.agentRefs) {
      select.whereIn('agent_ref', filter.agentRefs);
    }
    return readPage<DataSetRow>(select, 'updated_at', page);
  }

  /**
   * Those that have cases, of an agent: all, because what a gate asks does not depend on how many
   * others somebody wrote since.
   */
  async filledOf(agentRef: string): Promise<DataSetRow[]> {
    return this.#knex('evals_data_sets')
      .where('agent_ref', agentRef)
      .andWhere('case_count', '>', 0)
      .orderBy([{ column: 'updated_at', order: 'desc' }, { column: 'id' }]);
  }

  /** All agents that have one. */
  agentRefs(): Promise<string[]> {
    return this.#knex('evals_data_sets')
      .distinct('agent_ref')
      .pluck('agent_ref');
  }

  /** Those that are files, by the ref of their entity. */
  async files(): Promise<Map<string, DataSetRow>> {
    const rows: DataSetRow[] = await this.#knex('evals_data_sets').whereNotNull(
      'entity_ref',
    );
    return new Map(rows.map(row => [row.entity_ref!, row]));
  }

  async describe(
    id: string,
    values: Partial<
      Pick<
        DataSetRow,
        'agent_ref' | 'title' | 'description' | 'file_problem' | 'gate'
      >
    >,
  ): Promise<void> {
    await this.#knex<DataSetRow>('evals_data_sets')
      .where({ id })
      .update(values);
  }

  async delete(id: string): Promise<void> {
    await this.#knex.transaction(async tx => {
      // SQLite heeds references only where it is told to.
      await tx('evals_cases').where({ data_set_id: id }).delete();
      await tx('evals_data_set_versions').where({ data_set_id: id }).delete();
      await tx('evals_data_sets').where({ id }).delete();
    });
  }

  /**
   * Makes a new version, unless nothing differs.
   *
   * @param change - gives the cases of the new version from those of the newest
   * @throws ConflictError when somebody else was faster
   */
  async write(
    id: string,
    change: (before: EvalCase[]) => EvalCase[],
    by?: string,
  ): Promise<void> {
    const { version } = await this.get(id);
    const before = await this.casesOf(id, version);
    const cases = change(before.map(({ item }) => item));
    const after = cases.map(
      (item, position): StoredCase => ({
        item,
        position,
        digest: digestOfCase(item),
      }),
    );
    const next = version + 1;
    const text = ({ item, position }: StoredCase) =>
      `${position} ${JSON.stringify(item)}`;
    const known = new Map(before.map(each => [each.item.id, text(each)]));
    const same = new Set(
      after
        .filter(each => known.get(each.item.id) === text(each))
        .map(each => each.item.id),
    );
    const gone = before.filter(({ item }) => !same.has(item.id));
    const added = after.filter(({ item }) => !same.has(item.id));
    if (version > 0 && !gone.length && !added.length) {
      return;
    }
    const now = Date.now();
    await this.#knex.transaction(async tx => {
      const written = await tx<DataSetRow>('evals_data_sets')
        .where({ id, version })
        .update({
          version: next,
          case_count: after.length,
          updated_at: now,
          updated_by: by ?? null,
          problems: JSON.stringify(problemsOf(cases)),
        });
      if (!written) {
        throw new ConflictError(
          'Somebody else has changed this data set. Read it again and repeat your change.',
        );
      }
      await tx('evals_data_set_versions').insert({
        data_set_id: id,
        version: next,
        case_count: after.length,
        created_at: now,
        created_by: by ?? null,
      });
      for (const part of chunks(gone)) {
        await tx('evals_cases')
          .where({ data_set_id: id })
          .whereNull('until_version')
          .whereIn(
            'case_id',
            part.map(({ item }) => item.id),
          )
          .update({ until_version: next });
      }
      for (const part of chunks(added)) {
        await tx('evals_cases').insert(
          part.map(({ item, position, digest }) => ({
            data_set_id: id,
            case_id: item.id,
            from_version: next,
            position,
            digest,
            body: JSON.stringify(item),
          })),
        );
      }
    });
  }

  /** All cases of a version, in their order. */
  async casesOf(id: string, version: number): Promise<StoredCase[]> {
    const rows: CaseRow[] = await this.#ofVersion(id, version);
    return rows.map(({ body, position, digest }) => ({
      item: JSON.parse(body),
      position,
      digest,
    }));
  }

  /** @throws NotFoundError when there is no such version, or no more */
  async requireVersion(id: string, version: number): Promise<void> {
    const known = await this.#knex('evals_data_set_versions')
      .where({ data_set_id: id, version })
      .first();
    if (!known) {
      throw new NotFoundError(
        `The data set has no version ${version}. Those that no evaluation used are kept for 30 days.`,
      );
    }
  }

  /** One case of a version, if the set still has it. */
  async caseOf(
    id: string,
    version: number,
    caseId: string,
  ): Promise<EvalCase | undefined> {
    const [row]: CaseRow[] = await this.#ofVersion(id, version).andWhere({
      case_id: caseId,
    });
    return row && JSON.parse(row.body);
  }

  async listCases(
    id: string,
    version: number,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<CaseList> {
    const select = this.#ofVersion(id, version).limit(limit + 1);
    const after = decodeCursor(cursor, positionSchema);
    if (after) {
      select.andWhere(place =>
        place
          .where('position', '>', after[0])
          .orWhere(tie =>
            tie.where('position', after[0]).andWhere('case_id', '>', after[1]),
          ),
      );
    }
    const rows: CaseRow[] = await select;
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return {
      version,
      items: items.map(({ body }) => JSON.parse(body)),
      ...(rows.length > limit &&
        last && { nextCursor: encodeCursor([last.position, last.case_id]) }),
    };
  }

  /** Takes the name of a person from what they wrote. */
  async erase(person: string): Promise<number> {
    await this.#knex('evals_data_set_versions')
      .where({ created_by: person })
      .update({ created_by: null });
    return this.#knex('evals_data_sets')
      .where({ updated_by: person })
      .update({ updated_by: null });
  }

  /**
   * Deletes versions that are older, not the newest of their set, and of no evaluation, with
   * the cases that are in no other.
   */
  async clean(before: number): Promise<void> {
    const knex = this.#knex;
    await knex('evals_data_set_versions')
      .where('created_at', '<', before)
      .whereNotExists(
        knex('evals_data_sets')
          .select(knex.raw('1'))
          .whereRaw('evals_data_sets.id = evals_data_set_versions.data_set_id')
          .andWhereRaw(
            'evals_data_sets.version = evals_data_set_versions.version',
          ),
      )
      .whereNotExists(
        knex('evals_evaluations')
          .select(knex.raw('1'))
          .whereRaw(
            'evals_evaluations.data_set_id = evals_data_set_versions.data_set_id',
          )
          .andWhereRaw(
            'evals_evaluations.data_set_version = evals_data_set_versions.version',
          ),
      )
      .delete();
    await knex('evals_cases')
      .whereNotNull('until_version')
      .whereNotExists(
        knex('evals_data_set_versions')
          .select(knex.raw('1'))
          .whereRaw(
            'evals_data_set_versions.data_set_id = evals_cases.data_set_id',
          )
          .andWhereRaw(
            'evals_data_set_versions.version >= evals_cases.from_version',
          )
          .andWhereRaw(
            'evals_data_set_versions.version < evals_cases.until_version',
          ),
      )
      .delete();
  }

  #ofVersion(id: string, version: number): Knex.QueryBuilder {
    return this.#knex('evals_cases')
      .select('case_id', 'position', 'digest', 'body')
      .where('data_set_id', id)
      .andWhere('from_version', '<=', version)
      .andWhere(still =>
        still.whereNull('until_version').orWhere('until_version', '>', version),
      )
      .orderBy([{ column: 'position' }, { column: 'case_id' }]);
  }
}

/** A row as the API tells it. */
export function toDataSet(row: DataSetRow): DataSet {
  const problems: DataSet['problems'] = JSON.parse(row.problems);
  return {
    id: row.id,
    title: row.title,
    ...(row.description && { description: row.description }),
    agentRef: row.agent_ref,
    origin: row.entity_ref ? 'file' : 'portal',
    ...(row.entity_ref && { entityRef: row.entity_ref }),
    version: row.version,
    caseCount: row.case_count,
    updatedAt: iso(row.updated_at),
    ...(row.updated_by && { updatedBy: row.updated_by }),
    ...(row.case_count > 0 && {
      smallestDifference: smallestDifference(row.case_count),
    }),
    problems: [
      ...(row.file_problem ? [{ message: row.file_problem }] : []),
      ...problems,
    ],
  };
}

/** Of what is asked and what a right answer has; labels do not count. */
function digestOfCase({ tags, origin, ...rest }: EvalCase): string {
  return digestOf(rest, 'A case');
}

function chunks<T>(list: T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / ROWS_AT_ONCE) }, (_, i) =>
    list.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE),
  );
}
