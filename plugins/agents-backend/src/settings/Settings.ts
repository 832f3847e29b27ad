import path from 'node:path';
import type {
  AgentEntity,
  AgentRevisionPage,
  AgentSettingsChange,
  AgentSettingsView,
} from '@agentportal/plugin-agents-common';
import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  ANNOTATION_EDIT_URL,
  ANNOTATION_LOCATION,
  type Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { z } from 'zod/v4';
import type { PageRequest } from '../access/AgentAccess';
import { readAgentRefs } from '../identities/agentRef';
import { AgentFiles, CATALOG_FILE, settingsOf } from './agentFiles';
import { AgentRepository, type Author, COMMIT_ID } from './AgentRepository';

const ELSEWHERE = {
  host: 'Its files are kept at a Git host, and are changed there.',
  installation:
    'Its file belongs to the installation of the portal. Whoever runs the portal changes it.',
};
/** A line of a commit names a person, and must not add another line. */
const NOT_IN_A_NAME = /[\p{Cc}<>]/gu;

/** What people set of agents, read from and committed to the repositories that the portal keeps. */
export class Settings {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #folder: string | undefined;
  readonly #asksPeople: boolean;
  /** By repository: what is being written. One process has the folder, see decision 4. */
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    /** Absolute path of the folder of repositories, if the portal keeps any. */
    folder: string | undefined;
    asksPeople: boolean;
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#folder = options.folder;
    this.#asksPeople = options.asksPeople;
  }

  /** @param revision - those of then; without it as they are now */
  async get(agentRef: string, revision?: string): Promise<AgentSettingsView> {
    const entity = await this.#agent(agentRef);
    const dir = this.#dirOf(entity);
    const view = { agentRef, asksPeople: this.#asksPeople };
    if (!dir) {
      return {
        ...view,
        ...keptElsewhere(entity),
        settings: settingsOf(entity),
      };
    }
    const repository = new AgentRepository(dir);
    await this.#alone(dir, () => repository.takeBackUnfinished());
    try {
      const head = await repository.head();
      const files = await readFiles(repository, entity);
      const { settings } = revision
        ? await AgentFiles.read(name => repository.readAt(revision, name))
        : files;
      return {
        ...view,
        keptAt: 'portal',
        canChange: true,
        revision: revision ?? head,
        settings,
      };
    } catch (error) {
      if (revision || !(error instanceof InputError)) {
        throw error;
      }
      return {
        ...view,
        keptAt: 'portal',
        canChange: false,
        why: error.message,
        settings: settingsOf(entity),
      };
    }
  }

  /** @throws ConflictError when somebody changed the agent since the revision that was read */
  async change(
    agentRef: string,
    { message, revision, settings }: AgentSettingsChange,
    byRef: string,
  ): Promise<AgentSettingsView> {
    const entity = await this.#agent(agentRef);
    const dir = this.#dirOf(entity);
    if (!dir) {
      throw new ConflictError(keptElsewhere(entity).why);
    }
    const author = await this.#author(byRef);
    await this.#alone(dir, async () => {
      const repository = new AgentRepository(dir);
      await repository.takeBackUnfinished();
      if ((await repository.head()) !== revision) {
        throw new ConflictError(
          'Somebody changed the agent since you opened its settings. Open them again, and make your change on top of theirs.',
        );
      }
      const files = await readFiles(repository, entity);
      const changed = files.with(settings);
      if (changed.size === 0) {
        throw new InputError('Nothing is different from how the agent is now.');
      }
      await repository.commit({ files: changed, author, message });
    });
    return this.get(agentRef);
  }

  /** Commits, the newest first. */
  async history(
    agentRef: string,
    { limit, cursor }: PageRequest,
  ): Promise<AgentRevisionPage> {
    const entity = await this.#agent(agentRef);
    const dir = this.#dirOf(entity);
    if (!dir) {
      return { items: [] };
    }
    const from = decodeCursor(cursor, z.string().regex(COMMIT_ID));
    const repository = new AgentRepository(dir);
    await readFiles(repository, entity);
    const { items, next } = await repository.history(from, limit);
    return { items, ...(next && { nextCursor: encodeCursor(next) }) };
  }

  async #agent(agentRef: string): Promise<AgentEntity> {
    const entity = await this.#entity(agentRef);
    if (!entity || !readAgentRefs(entity)) {
      throw new NotFoundError(`There is no ${agentRef} that can be read.`);
    }
    return entity as AgentEntity;
  }

  async #entity(ref: string): Promise<Entity | undefined> {
    return this.#catalog.getEntityByRef(ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
  }

  /** The working copy of an agent, if it is one of the portal's folder. */
  #dirOf({ metadata }: Entity): string | undefined {
    const location = metadata.annotations?.[ANNOTATION_LOCATION] ?? '';
    if (!this.#folder || !location.startsWith('file:')) {
      return undefined;
    }
    const file = path.resolve(location.slice('file:'.length));
    const dir = path.dirname(file);
    return path.basename(file) === CATALOG_FILE &&
      path.dirname(dir) === this.#folder
      ? dir
      : undefined;
  }

  async #author(ref: string): Promise<Author> {
    const entity = await this.#entity(ref);
    const { displayName, email } = (entity?.spec?.profile ?? {}) as {
      displayName?: string;
      email?: string;
    };
    const plain = (text: string) => text.replaceAll(NOT_IN_A_NAME, '').trim();
    return {
      name: plain(displayName ?? '') || ref,
      email: plain(email ?? '') || 'agent-portal@localhost',
    };
  }

  /** One after the other, so that no commit is made on what another is about to replace. */
  async #alone(dir: string, work: () => Promise<void>): Promise<void> {
    const before = this.#writing.get(dir) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => {});
    this.#writing.set(dir, settled);
    try {
      await mine;
    } finally {
      if (this.#writing.get(dir) === settled) this.#writing.delete(dir);
    }
  }
}

function keptElsewhere({ metadata }: Entity) {
  const location = metadata.annotations?.[ANNOTATION_LOCATION] ?? '';
  const keptAt = location.startsWith('url:') ? 'host' : 'installation';
  const editUrl = metadata.annotations?.[ANNOTATION_EDIT_URL];
  return {
    keptAt,
    canChange: false,
    why: ELSEWHERE[keptAt],
    ...(editUrl && /^https?:\/\//.test(editUrl) && { editUrl }),
  } as const;
}

/**
 * The files of an agent. Where an entity lies is a claim of its own, so nothing is made of a
 * repository before its file is found to be of the same agent and owner.
 *
 * @throws InputError when it is not
 */
async function readFiles(
  repository: AgentRepository,
  entity: AgentEntity,
): Promise<AgentFiles> {
  const files = await AgentFiles.read(name => repository.read(name));
  const [a, b] = [files.entity, entity].map(each => ({
    ref: stringifyEntityRef(each),
    owner: readAgentRefs(each)?.owner,
  }));
  if (a.ref !== b.ref || a.owner !== b.owner) {
    throw new InputError(
      'What its repository says of its name or owner is not what the catalog says. If that was just changed, try again in a minute; otherwise it is changed in the repository.',
    );
  }
  return files;
}
