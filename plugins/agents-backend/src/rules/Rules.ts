import { createHash } from 'node:crypto';
import type {
  RecordedCall,
  RuleMode,
  RuleScope,
  RuleSettings,
  RuleText,
} from '@agentportal/agent-rules';
import type {
  CatalogTrust,
  OwnerNotices,
} from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  AuthService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  isError,
  NotFoundError,
  stringifyError,
} from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { PublishedDefinitions } from '../approvals/PublishedDefinitions';
import type { KnownTool, KnownTools } from './KnownTools';
import {
  readRuleAnnotations,
  readRuleFolder,
  type SourcedText,
} from './RuleSources';
import { milder, type RuleStore, rulesOf, type RuleTextRow } from './RuleStore';
import type { RuleWorkers } from './RuleWorkers';
import { iso } from '../store/times';

/**
 * Texts from places that the operator does not trust: of one place, and of all. A door
 * holds all their rules in memory.
 */
const MAX_OF_ORIGIN = 100;
const MAX_UNTRUSTED = 2_000;
const MAX_NAME = 255;
/** A text with mistakes is tried again this often, though nothing has changed. */
const TRY_AGAIN_MS = 3_600_000;

/** The tools, read when they are first needed, and what tells whether they changed. */
type ReadTools = () => Promise<{ all: KnownTool[]; digest: string }>;

/** What the operator says of rules. */
export interface RulesConfig extends RuleSettings {
  /** Where `*.cedar` files are, such as a Git checkout. */
  folder?: string;
  /** Who is told of mistakes in it. */
  folderOwner?: string;
}

/** The rules of the portal: what is written, what of it is good, and what is in force. */
export class Rules {
  readonly #store: RuleStore;
  readonly #workers: RuleWorkers;
  readonly #tools: KnownTools;
  readonly #config: RulesConfig;
  readonly #sources: {
    catalog: CatalogService;
    auth: AuthService;
    trust: CatalogTrust;
    published?: PublishedDefinitions;
  };
  readonly #auditor: AuditorService;
  readonly #logger: LoggerService;
  readonly #notices: OwnerNotices;
  /** What texts with mistakes were last held against. */
  readonly #tried = new Map<string, string>();
  #toldLeftOut = '';
  #toldOfFull = '';
  #effective?: { revision: number; version: string; rules: object[] };

  constructor(options: {
    store: RuleStore;
    workers: RuleWorkers;
    tools: KnownTools;
    config: RulesConfig;
    sources: {
      catalog: CatalogService;
      auth: AuthService;
      trust: CatalogTrust;
      published?: PublishedDefinitions;
    };
    auditor: AuditorService;
    logger: LoggerService;
    notices: OwnerNotices;
  }) {
    this.#store = options.store;
    this.#workers = options.workers;
    this.#tools = options.tools;
    this.#config = options.config;
    this.#sources = options.sources;
    this.#auditor = options.auditor;
    this.#logger = options.logger;
    this.#notices = options.notices;
  }

  get settings(): RuleSettings {
    const { timeZone, freeze } = this.#config;
    return { timeZone, freeze };
  }

  async page(page: { limit: number; cursor?: string }) {
    const { rows, ...more } = await this.#store.page(page);
    return { items: rows.map(toRuleText), ...more };
  }

  async versions(name: string, page: { limit: number; cursor?: string }) {
    const { rows, ...more } = await this.#store.versions(portal(name), page);
    if (!rows.length && !(await this.#store.get(portal(name)))) {
      throw new NotFoundError(`There are no rules ${portal(name)}.`);
    }
    return {
      items: rows.map(row => ({
        version: row.version,
        text: row.text,
        mode: row.mode,
        comment: row.comment,
        changedAt: iso(row.changed_at),
        changedBy: row.changed_by,
      })),
      ...more,
    };
  }

  /**
   * Writes a text that is kept in the portal.
   *
   * @throws InputError when it has mistakes; what was in force stays so
   * @throws ConflictError when somebody else changed it at the same time
   */
  async put(
    name: string,
    change: {
      text: string;
      mode?: RuleMode;
      comment: string;
      version?: number;
    },
    by: string,
  ) {
    const full = portal(name);
    const scope: RuleScope = { type: 'central' };
    const { rules, problems } = await this.#workers.run(
      {
        source: { text: change.text, name: full, scope },
        tools: await this.#tools.all(),
      },
      by,
    );
    if (problems.length) {
      throw new InputError(
        `The rules have mistakes and are not in force:\n${problems
          .map(
            ({ line, column, message }) =>
              `line ${line}, column ${column}: ${message}`,
          )
          .join('\n')}`,
      );
    }
    const before = await this.#store.get(full);
    const version = before?.version ?? 0;
    if (change.version !== undefined && change.version !== version) {
      throw changedMeanwhile(full);
    }
    const row: RuleTextRow = {
      name: full,
      source: 'portal',
      scope,
      mode: change.mode ?? before?.mode ?? 'enforce',
      text: change.text,
      // A text that takes the name of one that was removed goes on with its history.
      version: (before ? version : await this.#store.newestVersion(full)) + 1,
      rules,
      problems: [],
      changed_at: Date.now(),
      changed_by: by,
    };
    if (!(await this.#store.put(row, change.comment, !before))) {
      throw changedMeanwhile(full);
    }
    return toRuleText(row);
  }

  /** Removes a text that is kept here; what it was stays in its versions. */
  async remove(
    name: string,
    change: { comment: string; version?: number },
    by: string,
  ): Promise<void> {
    const full = portal(name);
    const before = await this.#store.get(full);
    if (!before) {
      throw new NotFoundError(`There are no rules ${full}.`);
    }
    if (change.version !== undefined && change.version !== before.version) {
      throw changedMeanwhile(full);
    }
    const emptied: RuleTextRow = {
      ...before,
      version: before.version + 1,
      mode: 'off',
      text: '',
      changed_at: Date.now(),
      changed_by: by,
    };
    if (!(await this.#store.take(emptied, change.comment))) {
      throw changedMeanwhile(full);
    }
  }

  /** Holds a text against the tools and keeps nothing. */
  async check(text: string, by: string) {
    const source = { text, name: 'check', scope: { type: 'central' as const } };
    const tools = await this.#tools.all();
    const { problems } = await this.#workers.run({ source, tools }, by);
    return { problems };
  }

  /** Tries a text on calls, the oldest first. */
  async replay(
    text: string,
    calls: RecordedCall[],
    page: { limit: number; offset: number },
    by: string,
  ) {
    const source = { text, name: 'trial', scope: { type: 'central' as const } };
    const tools = await this.#tools.all();
    const replay = { calls, settings: this.settings, page };
    return this.#workers.run({ source, tools, replay }, by);
  }

  /** What is in force. The version changes with the rules and settings, and only then. */
  async effective() {
    const revision = await this.#store.revision();
    if (this.#effective?.revision !== revision) {
      const texts = await this.#store.all();
      const rules = texts.flatMap(rulesOf);
      const version = createHash('sha256')
        .update(JSON.stringify([rules, this.settings]))
        .digest('hex');
      this.#effective = { revision, version, rules };
    }
    const { version, rules } = this.#effective;
    return { version, rules, ...this.settings };
  }

  /**
   * Takes over what has changed in the folder and the catalog. A text with mistakes
   * changes nothing of what is in force; it is tried again when the tools change,
   * because it may be they that were not there yet.
   */
  async sync(signal?: AbortSignal): Promise<void> {
    const known = new Map(
      (await this.#store.all()).map(row => [row.name, row]),
    );
    const [git, entities] = await Promise.all([
      this.#config.folder
        ? this.#reading('git', readRuleFolder(this.#config.folder, known))
        : { texts: [], leftOut: [] },
      this.#reading('entity', readRuleAnnotations(this.#sources)),
    ]);
    const found = [...(git?.texts ?? []), ...(entities ?? [])];
    if (git) {
      await this.#tellOfFull(git.leftOut);
    }
    // A source that could not be read is not one that has become empty.
    const names = new Set(found.map(({ name }) => name));
    await this.#removeGone(
      [...known.values()].filter(
        ({ name, source }) =>
          !names.has(name) &&
          ((source === 'git' && git) ||
            ((source === 'entity' || source === 'proposed') && entities)),
      ),
    );
    for (const name of this.#tried.keys()) {
      if (!names.has(name)) {
        this.#tried.delete(name);
      }
    }
    const tools = this.#toolsOnce();
    const failures: string[] = [];
    for (const text of this.#withinLimits(found, known)) {
      signal?.throwIfAborted();
      try {
        await this.#take(text, known.get(text.name), tools);
      } catch (error) {
        failures.push(`${text.name}: ${stringifyError(error)}`);
      }
    }
    if (failures.length) {
      this.#logger.warn(
        `${failures.length} texts of rules cannot be taken over, so what was in force of them stays. ${failures[0]}`,
      );
    }
  }

  /**
   * What there is room for. Nobody can push out what is in force already, by writing
   * more than others.
   */
  #withinLimits(
    found: SourcedText[],
    known: ReadonlyMap<string, RuleTextRow>,
  ): SourcedText[] {
    const ofOrigin = new Map<string, number>();
    let all = 0;
    const hasRoom = ({ origin }: SourcedText) =>
      !origin ||
      ((ofOrigin.get(origin) ?? 0) < MAX_OF_ORIGIN && all < MAX_UNTRUSTED);
    const [old, fresh] = [true, false].map(isKnown =>
      found.filter(({ name }) => known.has(name) === isKnown),
    );
    const taken: SourcedText[] = [];
    const leftOut: string[] = [];
    for (const text of [...old, ...fresh]) {
      if (known.has(text.name) || hasRoom(text)) {
        taken.push(text);
        if (text.origin) {
          ofOrigin.set(text.origin, (ofOrigin.get(text.origin) ?? 0) + 1);
          all += 1;
        }
      } else {
        leftOut.push(text.name);
      }
    }
    const told = leftOut.join();
    if (leftOut.length && told !== this.#toldLeftOut) {
      this.#logger.warn(
        `The rules of ${leftOut.length} entities are not in force, such as those of ${leftOut[0]}: a location may have ${MAX_OF_ORIGIN}, and all that nobody named in agents.trustedLocations ${MAX_UNTRUSTED}.`,
      );
    }
    this.#toldLeftOut = told;
    return taken;
  }

  #toolsOnce(): ReadTools {
    let asked: ReturnType<ReadTools> | undefined;
    return () => {
      asked ??= this.#tools.all().then(all => ({
        all,
        digest: createHash('sha256').update(JSON.stringify(all)).digest('hex'),
      }));
      return asked;
    };
  }

  async #take(
    sourced: SourcedText,
    before: RuleTextRow | undefined,
    readTools: ReadTools,
  ): Promise<void> {
    const { name, source, scope } = sourced;
    if (name.length > MAX_NAME) {
      throw new InputError(`Its name is longer than ${MAX_NAME} characters.`);
    }
    // As a database keeps it; what it cannot keep is a mistake in the text.
    const text = sourced.text.replaceAll('\u0000', '\uFFFD').toWellFormed();
    const same =
      before?.text === text &&
      JSON.stringify(before.scope) === JSON.stringify(scope);
    if (same && !before.problems.length) {
      return;
    }
    const tools = await readTools();
    const attempt = `${tools.digest} ${Math.floor(Date.now() / TRY_AGAIN_MS)}`;
    if (same && this.#tried.get(name) === attempt) {
      return;
    }
    const { rules, problems } = await this.#check(
      { text: sourced.text, name, scope },
      tools.all,
    );
    if (same && JSON.stringify(before.problems) === JSON.stringify(problems)) {
      this.#tried.set(name, attempt);
      return;
    }
    const row: RuleTextRow = {
      name,
      source,
      scope,
      mode: 'enforce',
      text,
      version: (before?.version ?? 0) + 1,
      rules: problems.length ? before?.rules ?? [] : rules,
      problems,
      changed_at: Date.now(),
      changed_by: null,
    };
    if (await this.#store.put(row)) {
      this.#tried.set(name, attempt);
      await this.#tell(sourced, row);
    }
  }

  /** A text that takes too long to read has a mistake like others. */
  async #check(
    source: RuleText,
    tools: KnownTool[],
  ): Promise<Pick<RuleTextRow, 'rules' | 'problems'>> {
    try {
      return await this.#workers.run({ source, tools }, source.name);
    } catch (error) {
      if (isError(error) && error.name === InputError.name) {
        const problem = { message: error.message, line: 1, column: 1 };
        return { rules: [], problems: [problem] };
      }
      throw error;
    }
  }

  /** Nobody asked for the change here, so those whom it concerns are told of it. */
  async #tell(
    { name, source, ownerRef }: SourcedText,
    { version, rules, problems }: RuleTextRow,
  ): Promise<void> {
    const event = await this.#auditor.createEvent({
      eventId: 'rules-change',
      severityLevel: 'high',
      meta: { name, source, version },
    });
    if (!problems.length) {
      await event.success();
      return;
    }
    const [{ line, column, message }] = problems;
    const title = `The rules ${name} have mistakes and are not in force`;
    const description = `${
      rules.length ? 'Those before them stay in force. ' : ''
    }Line ${line}, column ${column}: ${message}`;
    await event.fail({ error: new InputError(`${title}. ${description}`) });
    const owner =
      ownerRef ?? (source === 'git' ? this.#config.folderOwner : undefined);
    if (owner) {
      await this.#notices.send({
        ...(source === 'entity' && { entityRef: name }),
        ownerRef: owner,
        title,
        description,
        scope: `rules ${name}`,
        severity: 'high',
      });
    } else {
      this.#logger.warn(`${title}. ${description}`);
    }
  }

  /** What its source does not have any more forbids nothing any more, which the audit log has to know. */
  async #removeGone(gone: RuleTextRow[]): Promise<void> {
    await this.#store.remove(gone.map(({ name }) => name));
    for (const { name, source, version } of gone) {
      const event = await this.#auditor.createEvent({
        eventId: 'rules-change',
        severityLevel: 'high',
        meta: { name, source, version, removed: true },
      });
      await event.success();
    }
  }

  /** Once for the same files, however often they are looked at. */
  async #tellOfFull(leftOut: string[]): Promise<void> {
    const told = leftOut.join();
    if (leftOut.length && told !== this.#toldOfFull) {
      const count = leftOut.length;
      const title =
        count === 1
          ? 'A file of rules is not in force'
          : `${count} files of rules are not in force`;
      const description = `The folder of rules has more files than are read, so those that came last are left out, such as ${leftOut[0]}. Put rules that belong together into one file.`;
      if (this.#config.folderOwner) {
        await this.#notices.send({
          ownerRef: this.#config.folderOwner,
          title,
          description,
          scope: 'folder of rules',
          severity: 'high',
        });
      } else {
        this.#logger.warn(`${title}. ${description}`);
      }
    }
    this.#toldOfFull = told;
  }

  async #reading<T>(what: string, texts: Promise<T>): Promise<T | undefined> {
    try {
      return await texts;
    } catch (error) {
      this.#logger.warn(
        `Rules of ${what} cannot be read; those that are in force stay`,
        error as Error,
      );
      return undefined;
    }
  }
}

function changedMeanwhile(name: string): ConflictError {
  return new ConflictError(
    `Somebody changed ${name} at the same time. Read it again.`,
  );
}

function portal(name: string): string {
  return `portal/${name}`;
}

function toRuleText(row: RuleTextRow) {
  return {
    name: row.name,
    source: row.source,
    mode: row.mode,
    text: row.text,
    version: row.version,
    changedAt: iso(row.changed_at),
    ...(row.changed_by !== null && { changedBy: row.changed_by }),
    rules: row.rules.map(({ id, reason, ask, mode, agentRef, toolRef }) => ({
      id,
      reason,
      mode: milder(row.mode, mode),
      ...(ask && { ask }),
      ...(agentRef && { agentRef }),
      ...(toolRef && { toolRef }),
    })),
    problems: row.problems,
  };
}
