import {
  AUTONOMY_LEVELS,
  type Autonomy,
  DATA_CLASSIFICATIONS,
  type DataClassification,
} from '@agentportal/plugin-agents-common';
import { InputError, NotAllowedError } from '@backstage/errors';

/** How far a delegation goes. What is not given is not limited by it. */
export interface Terms {
  personRef?: string;
  autonomy?: Autonomy;
  /** Full entity refs. */
  tools?: string[];
  dataClass?: DataClassification;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/**
 * The terms of a delegation within those of its parent: what it does not name it takes
 * over, and nothing of it may go further.
 *
 * @throws NotAllowedError for what would
 */
export function narrowTerms(
  wanted: Omit<Terms, 'expiresAt'> & { expiresAt?: number },
  parent: Terms | undefined,
): Terms {
  const expiresAt = wanted.expiresAt ?? parent?.expiresAt;
  if (expiresAt === undefined) {
    throw new InputError(
      'Say when the delegation expires (expiresAt); only one with a parent can do without.',
    );
  }
  if (!parent) {
    return { ...wanted, expiresAt };
  }
  const refuse = (what: string) => {
    throw new NotAllowedError(
      `Work that is handed on gets no further than the work that it is part of: ${what}.`,
    );
  };
  if (expiresAt > parent.expiresAt) {
    refuse(
      `it would last until ${isoOf(expiresAt)}, and that ends at ${isoOf(
        parent.expiresAt,
      )}`,
    );
  }
  if (wanted.personRef !== undefined && wanted.personRef !== parent.personRef) {
    refuse(
      `it would be for ${wanted.personRef}, and that is ${
        parent.personRef ? `for ${parent.personRef}` : 'for nobody'
      }`,
    );
  }
  const wider = (
    levels: readonly string[],
    value: string | undefined,
    bound: string | undefined,
  ) =>
    value !== undefined &&
    bound !== undefined &&
    levels.indexOf(value) > levels.indexOf(bound);
  if (wider(AUTONOMY_LEVELS, wanted.autonomy, parent.autonomy)) {
    refuse(
      `it would be on ${wanted.autonomy}, and that is on ${parent.autonomy}`,
    );
  }
  if (wider(DATA_CLASSIFICATIONS, wanted.dataClass, parent.dataClass)) {
    refuse(
      `it would see ${wanted.dataClass} data, and that sees ${parent.dataClass} data`,
    );
  }
  const more = parent.tools
    ? wanted.tools?.find(tool => !parent.tools!.includes(tool))
    : undefined;
  if (more) {
    refuse(`${more} is not among its tools`);
  }
  return {
    personRef: parent.personRef,
    autonomy: wanted.autonomy ?? parent.autonomy,
    tools: wanted.tools ?? parent.tools,
    dataClass: wanted.dataClass ?? parent.dataClass,
    expiresAt,
  };
}

/** The least of some values that are given, by an order from the least. */
export function leastOf<T extends string>(
  order: readonly T[],
  values: Array<T | null | undefined>,
): T | undefined {
  const given = values.filter((value): value is T => Boolean(value));
  // What is no level counts as the least of all, as it stands before the first.
  return given.reduce<T | undefined>(
    (least, value) =>
      least === undefined || order.indexOf(value) < order.indexOf(least)
        ? value
        : least,
    undefined,
  );
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
