import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import {
  type CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';

/**
 * Reads `instructions: { $text: ./file.md }` of an agent in a local file. The
 * catalog's own placeholders only read URLs, and local repositories have none.
 * The file must lie in the folder of the entity, or below it.
 */
export async function withLocalInstructions(
  entity: Entity,
  location: LocationSpec,
  emit: CatalogProcessorEmit,
): Promise<Entity> {
  const relative = relativeFileOf(entity.spec?.instructions);
  if (location.type !== 'file' || relative === undefined) {
    return entity;
  }
  const folder = path.dirname(location.target);
  const file = path.resolve(folder, relative);
  emit(processingResult.refresh(`file:${file}`));
  const instructions = await readInside(folder, file, relative);
  return { ...entity, spec: { ...entity.spec, instructions } };
}

/** The path after `$text`, unless it is a URL. */
function relativeFileOf(value: unknown): string | undefined {
  const text = (value as { $text?: unknown } | undefined)?.$text;
  return typeof text === 'string' && !/^[a-z]+:\/\//i.test(text)
    ? text
    : undefined;
}

async function readInside(
  folder: string,
  file: string,
  relative: string,
): Promise<string> {
  let real: string;
  let realFolder: string;
  try {
    [real, realFolder] = await Promise.all([realpath(file), realpath(folder)]);
  } catch {
    throw new InputError(
      `spec.instructions points to ${relative}, but there is no such file beside the agent`,
    );
  }
  if (!real.startsWith(realFolder + path.sep)) {
    throw new InputError(
      `spec.instructions points to ${relative}, which is outside the folder of the agent; move the file beside it`,
    );
  }
  return readFile(real, 'utf8');
}
