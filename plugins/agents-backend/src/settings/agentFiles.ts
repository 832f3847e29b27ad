import {
  type AgentEntity,
  type AgentSettings,
  MONTHLY_BUDGET_ANNOTATION,
  validateAgentEntity,
} from '@agentportal/plugin-agents-common';
import type { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { isDeepStrictEqual } from 'node:util';
import { type Document, parseAllDocuments } from 'yaml';

/** The file that the catalog reads. */
export const CATALOG_FILE = 'catalog-info.yaml';
/** A name of a file in the same folder, and of none elsewhere. */
const BESIDE = /^(?:\.\/)?([A-Za-z0-9][\w.-]{0,99})$/;
const SPEC_FIELDS = [
  'model',
  'lifecycle',
  'autonomy',
  'tools',
  'exampleQuestions',
  'quotas',
] as const;

/** Reads a file beside {@link CATALOG_FILE}. */
type ReadFile = (name: string) => Promise<string | undefined>;

/** The files of an agent: what they say, and how another set of settings is written into them. */
export class AgentFiles {
  readonly #document: Document;
  readonly #instructionsFile: string | undefined;
  /** The agent, with its instructions as text. */
  readonly entity: AgentEntity;

  private constructor(
    document: Document,
    entity: AgentEntity,
    instructionsFile: string | undefined,
  ) {
    this.#document = document;
    this.entity = entity;
    this.#instructionsFile = instructionsFile;
  }

  /** @throws InputError when they are not those of one agent, which only their repository can mend */
  static async read(readFile: ReadFile): Promise<AgentFiles> {
    const text = await readFile(CATALOG_FILE);
    const documents = text === undefined ? [] : parseAllDocuments(text);
    const [document, ...more] = documents as Document[];
    const entity = document && entityIn(document);
    if (!entity?.spec || entity.kind !== 'Agent' || more.length > 0) {
      throw new InputError(
        `${CATALOG_FILE} does not hold one agent and nothing else, so it is changed in the repository.`,
      );
    }
    const { $text } = (entity.spec.instructions ?? {}) as { $text?: unknown };
    const [, beside] = BESIDE.exec(String($text ?? '')) ?? [];
    // Written to as instructions, it would not be an agent any more.
    const file = beside === CATALOG_FILE ? undefined : beside;
    const instructions = file ? await readFile(file) : entity.spec.instructions;
    if (instructions !== undefined && typeof instructions !== 'string') {
      throw new InputError(
        'The instructions are in a file of another folder, so the agent is changed in the repository.',
      );
    }
    return new AgentFiles(
      document,
      { ...entity, spec: { ...entity.spec, instructions } },
      file,
    );
  }

  get settings(): AgentSettings {
    return settingsOf(this.entity);
  }

  /**
   * The files that change, with their new text; none when nothing does. What the settings
   * do not name stays as it is, comments too.
   *
   * @throws InputError that says everything that would be wrong with the agent
   */
  with(next: AgentSettings): Map<string, string> {
    const before = this.settings;
    const document = this.#document.clone() as Document;
    const files = new Map<string, string>();
    const set = (path: string[], now: unknown, was: unknown) => {
      if (isDeepStrictEqual(now, was)) return;
      if (isUnset(now)) document.deleteIn(path);
      else document.setIn(path, document.createNode(now));
    };
    set(['metadata', 'title'], next.title, before.title);
    set(['metadata', 'description'], next.description, before.description);
    set(
      ['metadata', 'annotations', MONTHLY_BUDGET_ANNOTATION],
      next.monthlyBudgetUsd?.toString(),
      before.monthlyBudgetUsd?.toString(),
    );
    for (const field of SPEC_FIELDS) {
      set(['spec', field], next[field], before[field]);
    }
    if (next.instructions?.trim() !== before.instructions?.trim()) {
      if (this.#instructionsFile && next.instructions) {
        files.set(this.#instructionsFile, `${next.instructions.trim()}\n`);
      } else {
        set(['spec', 'instructions'], next.instructions, undefined);
      }
    }
    const text = document.toString({ lineWidth: 0 });
    if (text !== this.#document.toString({ lineWidth: 0 })) {
      files.set(CATALOG_FILE, text);
    }
    const entity = document.toJS({ maxAliasCount: 10 }) as Entity;
    try {
      validateAgentEntity({
        ...entity,
        spec: { ...entity.spec, instructions: next.instructions },
      } as Entity);
    } catch (error) {
      throw new InputError(
        `The agent cannot be like that: ${(error as Error).message}`,
      );
    }
    return files;
  }
}

/** Undefined where the document is none, or names more than it holds. */
function entityIn(document: Document): AgentEntity | undefined {
  try {
    return document.errors.length
      ? undefined
      : (document.toJS({ maxAliasCount: 10 }) as AgentEntity | undefined);
  } catch {
    return undefined;
  }
}

/** What people set of an agent, as its entity has it. */
export function settingsOf({ metadata, spec }: AgentEntity): AgentSettings {
  const budget = Number(metadata.annotations?.[MONTHLY_BUDGET_ANNOTATION]);
  return {
    ...(metadata.title && { title: metadata.title }),
    description: metadata.description ?? '',
    ...(spec.instructions && { instructions: spec.instructions }),
    ...(spec.model && { model: spec.model }),
    lifecycle: spec.lifecycle,
    autonomy: spec.autonomy,
    tools: spec.tools ?? [],
    exampleQuestions: spec.exampleQuestions ?? [],
    ...(Number.isFinite(budget) && { monthlyBudgetUsd: budget }),
    quotas: spec.quotas ?? {},
  };
}

function isUnset(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
  );
}
