import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RuleScope } from '@agentportal/agent-rules';
import {
  isAgentEntity,
  RULES_ANNOTATION,
} from '@agentportal/plugin-agents-common';
import {
  type CatalogTrust,
  isMirrored,
  originOf,
} from '@agentportal/plugin-agents-node';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { PublishedDefinitions } from '../approvals/PublishedDefinitions';

const EXTENSION = '.cedar';
const MAX_FILES = 500;
/** More than a text may have, so that one that is too long is named and not missed. */
const MAX_FILE_BYTES = 128 * 1024;
const PAGE = 500;

/** A text of rules that is kept outside of the portal. */
export interface SourcedText {
  name: string;
  /** What a file says beside what was approved of it is `proposed`. */
  source: 'git' | 'entity' | 'proposed';
  scope: RuleScope;
  text: string;
  /** Who is told of mistakes; absent when nobody said it. */
  ownerRef?: string;
  /** Where it came from; absent when the operator trusts that place. */
  origin?: string;
}

/**
 * The texts of a folder, such as a Git checkout. Links out of it are not followed. Where
 * there are too many, those that are known already stay, whatever the others are called.
 */
export async function readRuleFolder(
  folder: string,
  known: { has(name: string): boolean },
): Promise<{ texts: SourcedText[]; leftOut: string[] }> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  const files = entries
    .filter(entry => entry.isFile() && entry.name.endsWith(EXTENSION))
    .map(entry => path.join(entry.parentPath, entry.name))
    .filter(file => !file.includes(`${path.sep}.git${path.sep}`))
    .sort()
    .map(file => {
      const name = path
        .relative(folder, file)
        .slice(0, -EXTENSION.length)
        .split(path.sep)
        .join('/');
      return { file, name: `git/${name}` };
    });
  const [old, fresh] = [true, false].map(isKnown =>
    files.filter(({ name }) => known.has(name) === isKnown),
  );
  const ordered = [...old, ...fresh];
  const texts = await Promise.all(
    ordered.slice(0, MAX_FILES).map(async ({ file, name }) => {
      const { size } = await stat(file);
      return {
        name,
        source: 'git' as const,
        scope: { type: 'central' as const },
        text:
          size > MAX_FILE_BYTES
            ? ' '.repeat(MAX_FILE_BYTES)
            : await readFile(file, 'utf8'),
      };
    }),
  );
  return { texts, leftOut: ordered.slice(MAX_FILES).map(({ name }) => name) };
}

/**
 * The texts of entities. Rules only forbid, so those of an agent or a server count
 * wherever the entity comes from: its author can only hold short what is theirs. A Tool
 * can be written by anybody for a server that is not theirs, so its rules count from
 * locations that the operator trusts.
 *
 * What was approved of an agent's rules stays in force beside what its file says now, and
 * when that is gone: who may change the file cannot take away what others have approved.
 */
export async function readRuleAnnotations(options: {
  catalog: CatalogService;
  auth: AuthService;
  trust: CatalogTrust;
  published?: PublishedDefinitions;
}): Promise<SourcedText[]> {
  const { catalog, auth, published, trust } = options;
  const credentials = await auth.getOwnServiceCredentials();
  const approved = await readApproved(published);
  const texts: SourcedText[] = [];
  let cursor: string | undefined;
  do {
    const page = await catalog.queryEntities(
      cursor
        ? { cursor, limit: PAGE }
        : {
            filter: [
              {
                kind: ['Agent', 'Tool', 'API'],
                [`metadata.annotations.${RULES_ANNOTATION}`]:
                  CATALOG_FILTER_EXISTS,
              },
            ],
            limit: PAGE,
          },
      { credentials },
    );
    for (const entity of page.items) {
      const scope = scopeOf(entity, trust);
      const text = entity.metadata.annotations?.[RULES_ANNOTATION];
      if (scope && text) {
        const ref = stringifyEntityRef(entity);
        const isApproved = (approved.get(ref) ?? text) === text;
        if (isApproved) {
          approved.delete(ref);
        }
        texts.push({
          name: isApproved ? ref : `file/${ref}`,
          source: isApproved ? 'entity' : 'proposed',
          scope,
          text,
          ownerRef: ownerOf(entity),
          ...(!trust.trusts(entity) && {
            origin: originOf(entity) ?? 'unknown',
          }),
        });
      }
    }
    cursor = page.pageInfo.nextCursor;
  } while (cursor);
  const others = [...approved];
  for (let at = 0; at < others.length; at += PAGE) {
    const some = others.slice(at, at + PAGE);
    const { items } = await catalog.getEntitiesByRefs(
      {
        entityRefs: some.map(([ref]) => ref),
        fields: ['kind', 'metadata', 'relations'],
      },
      { credentials },
    );
    some.forEach(([agentRef, text], i) => {
      const entity = items[i];
      texts.push({
        name: agentRef,
        source: 'entity',
        scope: { type: 'agent', agentRef },
        text,
        // A tool that changes can make a mistake of what was none.
        ...(entity && { ownerRef: ownerOf(entity) }),
      });
    });
  }
  return texts;
}

/** The rules that were approved of agents, by ref. */
async function readApproved(
  published: PublishedDefinitions | undefined,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  let after: string | undefined;
  do {
    const page = (await published?.annotated({ limit: PAGE, after })) ?? [];
    page.forEach(({ agentRef, annotations: { rules } }) => {
      if (rules) {
        texts.set(agentRef, rules);
      }
    });
    after = page[PAGE - 1]?.agentRef;
  } while (after);
  return texts;
}

function ownerOf(entity: Entity): string | undefined {
  return entity.relations?.find(({ type }) => type === RELATION_OWNED_BY)
    ?.targetRef;
}

function scopeOf(entity: Entity, trust: CatalogTrust): RuleScope | undefined {
  const ref = stringifyEntityRef(entity);
  switch (entity.kind.toLocaleLowerCase('en-US')) {
    case 'agent':
      return isAgentEntity(entity)
        ? { type: 'agent', agentRef: ref }
        : undefined;
    case 'tool':
      return trust.trusts(entity) && !isMirrored(entity)
        ? { type: 'tool', toolRef: ref }
        : undefined;
    default:
      return entity.spec?.type === 'mcp-server'
        ? { type: 'server', serverRef: ref }
        : undefined;
  }
}
