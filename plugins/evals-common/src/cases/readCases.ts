import { parse } from 'yaml';
import type { z } from 'zod/v4';
import type { EvalCase } from '../types';
import { CaseFormatError } from './CaseFormatError';
import { evalCaseSchema } from './caseSchema';
import { readCsv } from './readCsv';

/** Aliases make little text into a lot. */
const MAX_ALIASES = 100;
/** The most that a data set holds. */
const MAX_CASES = 2_000;
/** Characters of all cases as JSON: aliases make the same text into many. */
const MAX_CHARACTERS = 4_000_000;

/**
 * Checks cases that were read from somewhere.
 *
 * @param value - a list, or an object that has one as `cases`
 * @throws CaseFormatError with the case and the field
 * @public
 */
export function checkCases(value: unknown): EvalCase[] {
  const list =
    value && typeof value === 'object' && 'cases' in value
      ? value.cases
      : value;
  if (!Array.isArray(list)) {
    throw new CaseFormatError('Write a list of cases, or one under "cases".');
  }
  if (list.length > MAX_CASES) {
    throw new CaseFormatError(
      `These are ${list.length} cases. A data set has ${MAX_CASES} at most.`,
    );
  }
  const seen = new Set<string>();
  let left = MAX_CHARACTERS;
  return list.map((item, index) => {
    const parsed = evalCaseSchema.safeParse(item);
    if (!parsed.success) {
      throw new CaseFormatError(
        `${nameOf(item, index)}: ${issueIn(parsed.error)}`,
      );
    }
    const { id } = parsed.data;
    if (seen.has(id)) {
      throw new CaseFormatError(
        `Two cases have the id "${id}"; every id must be used once.`,
      );
    }
    seen.add(id);
    left -= lengthOf(parsed.data, index);
    if (left < 0) {
      throw new CaseFormatError(
        `The first ${
          index + 1
        } cases have more than ${MAX_CHARACTERS} characters. Part them into several data sets.`,
      );
    }
    return parsed.data;
  });
}

/**
 * Reads cases of a text. Texts of others belong into a worker.
 *
 * @throws CaseFormatError with the case and the field, or the line
 * @public
 */
export function readCases(
  text: string,
  format: 'yaml' | 'csv' | 'jsonl',
): EvalCase[] {
  switch (format) {
    case 'yaml':
      return checkCases(parseYaml(text));
    case 'csv':
      return checkCases(readCsv(text));
    default:
      return checkCases(
        text.split('\n').flatMap((line, index) => {
          if (!line.trim()) {
            return [];
          }
          try {
            return [JSON.parse(line)];
          } catch {
            throw new CaseFormatError(`Line ${index + 1} is not JSON.`);
          }
        }),
      );
  }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw new CaseFormatError(`This is not YAML: ${(error as Error).message}`);
  }
}

function lengthOf(item: EvalCase, index: number): number {
  try {
    return JSON.stringify(item).length;
  } catch {
    throw new CaseFormatError(
      `${nameOf(item, index)}: it is nested too deeply, or in itself.`,
    );
  }
}

function nameOf(item: unknown, index: number): string {
  const id =
    item && typeof item === 'object' && 'id' in item ? item.id : undefined;
  return typeof id === 'string'
    ? `Case ${index + 1} ("${id.slice(0, 100)}")`
    : `Case ${index + 1}`;
}

function issueIn({ issues: [issue] }: z.ZodError): string {
  const path = issue.path.join('.');
  return path ? `${path}: ${issue.message}` : issue.message;
}
