import { randomUUID } from 'node:crypto';
import type {
  Rule,
  RuleMode,
  RuleProblem,
  RuleScope,
} from '@agentportal/agent-rules';
import {
  decodeCursor,
  encodeCursor,
  readPage,
} from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import type { StoredTime } from '../store/times';

/** A row of `agent_rule_texts`. */
export interface RuleTextRow {
  name: string;
  source: 'portal' | 'git' | 'entity' | 'proposed';
  scope: RuleScope;
  mode: RuleMode;
  text: string;
  version: number;
  rules: Rule[];
  problems: RuleProblem[];
  changed_at: StoredTime;
  changed_by: string | null;
}

/** A row of `agent_rule_versions`. */
export interface RuleVersionRow {
  id: string;
  name: string;
  version: number;
  text: string;
  mode: RuleMode;
  comment: string;
  changed_at: StoredTime;
  changed_by: string;
}

/** What of a text holds; a text makes its rules milder, never stricter. */
export function rulesOf({ mode, rules }: RuleTextRow): Rule[] {
  return rules
    .map(rule => ({ ...rule, mode: milder(mode, rule.mode) }))
    .filter(rule => rule.mode !== 'off');
}

export function milder(a: RuleMode, b: RuleMode): RuleMode {
  const order: RuleMode[] = ['off', 'log', 'enforce'];
  return order[Math.min(order.indexOf(a), order.indexOf(b))];
}

type Stored = Omit<RuleTextRow, 'scope' | 'rules' | 'problems'> & {
  scope: string;
  rules: string;
  problems: string;
};

const TEXTS = 'agent_rule_texts';
const VERSIONS = 'agent_rule_versions';
const REVISION = 'agent_rule_revision';

/** Texts of rules, what of each is in force, and what they were before. */
export class RuleStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Changes whenever some text does. */
  async revision(): Promise<number> {
    const row = await this.#knex(REVISION).where('id', 1).first();
    return Number(row.revision);
  }

  async get(name: string): Promise<RuleTextRow | undefined> {
    const row: Stored | undefined = await this.#knex(TEXTS)
      .where('name', name)
      .first();
    return row && parsed(row);
  }

  async all(): Promise<RuleTextRow[]> {
    const rows: Stored[] = await this.#knex(TEXTS).orderBy('name');
    return rows.map(parsed);
  }

  async page({ limit, cursor }: { limit: number; cursor?: string }) {
    const after = decodeCursor(cursor, z.string().max(255));
    const select = this.#knex(TEXTS)
      .orderBy('name')
      .limit(limit + 1);
    if (after !== undefined) {
      select.where('name', '>', after);
    }
    const rows: Stored[] = await select;
    const kept = rows.slice(0, limit).map(parsed);
    return {
      rows: kept,
      ...(rows.length > limit && {
        nextCursor: encodeCursor(kept[limit - 1].name),
      }),
    };
  }

  async versions(name: string, page: { limit: number; cursor?: string }) {
    return readPage<RuleVersionRow>(
      this.#knex(VERSIONS).where('name', name),
      'changed_at',
      page,
    );
  }

  /**
   * Writes a text, and with a comment its version too.
   *
   * @param isNew - whether there is none of its name; its first version unless told
   * @returns whether it was written; another process may have been first
   */
  async put(
    row: RuleTextRow,
    comment?: string,
    isNew = row.version === 1,
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const stored: Stored = {
        ...row,
        scope: JSON.stringify(row.scope),
        rules: JSON.stringify(row.rules),
        problems: JSON.stringify(row.problems),
      };
      const written = isNew
        ? (
            await tx(TEXTS)
              .insert(stored)
              .onConflict('name')
              .ignore()
              .returning('name')
          ).length
        : await tx(TEXTS)
            .where({ name: row.name, version: row.version - 1 })
            .update(stored);
      if (!written) {
        return false;
      }
      if (comment !== undefined) {
        await tx(VERSIONS).insert(versionOf(row, comment));
      }
      await tx(REVISION).where('id', 1).increment('revision', 1);
      return true;
    });
  }

  /**
   * Removes the text before a version that has nothing in it, and keeps that version.
   *
   * @returns whether it was removed; another process may have been first
   */
  async take(emptied: RuleTextRow, comment: string): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const { name, version } = emptied;
      const taken = await tx(TEXTS)
        .where({ name, version: version - 1 })
        .delete();
      if (!taken) {
        return false;
      }
      await tx(VERSIONS).insert(versionOf(emptied, comment));
      await tx(REVISION).where('id', 1).increment('revision', 1);
      return true;
    });
  }

  /** The newest version that is kept of a text, also of one that was removed. */
  async newestVersion(name: string): Promise<number> {
    const row = await this.#knex(VERSIONS)
      .where('name', name)
      .max('version as version')
      .first();
    return Number(row?.version ?? 0);
  }

  /** Removes texts whose source is gone. */
  async remove(names: string[]): Promise<void> {
    if (names.length) {
      await this.#knex.transaction(async tx => {
        await tx(TEXTS).whereIn('name', names).delete();
        await tx(REVISION).where('id', 1).increment('revision', 1);
      });
    }
  }

  /** Deletes old versions; the one that is in force is in its text too. */
  async removeVersionsBefore(ms: number): Promise<void> {
    await this.#knex(VERSIONS).where('changed_at', '<', ms).delete();
  }
}

function versionOf(row: RuleTextRow, comment: string) {
  return {
    id: randomUUID(),
    name: row.name,
    version: row.version,
    text: row.text,
    mode: row.mode,
    comment,
    changed_at: row.changed_at,
    changed_by: row.changed_by,
  };
}

function parsed(row: Stored): RuleTextRow {
  return {
    ...row,
    scope: JSON.parse(row.scope),
    rules: JSON.parse(row.rules),
    problems: JSON.parse(row.problems),
  };
}
