import type { ModelDirectory } from '../directory/ModelDirectory';
import { GatewayError } from '../errors';
import type { NativeRequest } from '../providers/ModelProvider';
import type { Plan } from '../stages/route';

/**
 * Leaves the candidates that can serve what a request asks for: some things can
 * be said in one vendor's format only, and leaving them out would be a lie.
 */
export function whereItFits(
  plan: Plan,
  native: NativeRequest | undefined,
  directory: ModelDirectory,
): Plan {
  if (!native?.untranslatable) {
    return plan;
  }
  const candidates = plan.candidates.filter(
    model => directory.provider(model.provider)?.native === native.format,
  );
  if (candidates.length === 0) {
    throw new GatewayError(
      400,
      'operation_not_supported',
      `${plan.route ?? plan.candidates[0].id} cannot serve this request: ${
        native.untranslatable
      }`,
    );
  }
  const skipped = plan.candidates.filter(model => !candidates.includes(model));
  return {
    ...plan,
    candidates,
    notes: [
      ...plan.notes,
      ...skipped.map(model => `Skipped ${model.id}: ${native.untranslatable}`),
    ],
  };
}
