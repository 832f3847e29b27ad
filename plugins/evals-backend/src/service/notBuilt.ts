import { NotImplementedError } from '@backstage/errors';

/** Handlers of operations that this version of the portal does not have. */
export function notBuilt<Id extends string>(
  ...operationIds: Id[]
): Record<Id, () => never> {
  const refuse = (operationId: string) => () => {
    throw new NotImplementedError(
      `This version of the portal does not have ${operationId}.`,
    );
  };
  return Object.fromEntries(operationIds.map(id => [id, refuse(id)])) as Record<
    Id,
    () => never
  >;
}
