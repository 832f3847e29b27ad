import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@backstage/errors';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import {
  type CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';

/**
 * Reads `{ $text: ./file }`, or with another key, of an entity in a local file. The catalog's own placeholders
 * only read URLs, and local repositories have none. The file must lie in the folder of the entity, or
 * below it.
 *
 * @param of.field - where it stands, for messages
 * @returns the text; undefined for what is none of that, or is a URL
 * @throws InputError when there is no such file
 */
export async function readBeside(
  value: unknown,
  of: { field: string; key: string; what: string },
  location: LocationSpec,
  emit: CatalogProcessorEmit,
): Promise<string | undefined> {
  const relative = (value as Record<string, unknown> | undefined)?.[of.key];
  if (
    location.type !== 'file' ||
    typeof relative !== 'string' ||
    /^[a-z]+:\/\//i.test(relative)
  ) {
    return undefined;
  }
  const folder = path.dirname(location.target);
  const file = path.resolve(folder, relative);
  emit(processingResult.refresh(`file:${file}`));
  let real: string;
  let realFolder: string;
  try {
    [real, realFolder] = await Promise.all([realpath(file), realpath(folder)]);
  } catch {
    throw new InputError(
      `${of.field} points to ${relative}, but there is no such file beside ${of.what}`,
    );
  }
  if (!real.startsWith(realFolder + path.sep)) {
    throw new InputError(
      `${of.field} points to ${relative}, which is outside the folder of ${of.what}; move the file beside it`,
    );
  }
  return readFile(real, 'utf8');
}
