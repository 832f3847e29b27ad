import type { GatewayModel, GatewayRoute } from '../directory/model';
import { typeFor } from '../directory/modelType';
import type { ModelDirectory } from '../directory/ModelDirectory';
import type { AllowedTarget } from '../stages/access';
import type { Note, Operation } from '../stages/route';
import { ruledOut, unfit } from './eligibility';
import type { RequestShape } from './RequestShape';
import type { Choice } from './strategies/Strategy';

/** The refusals themselves name the caller, and ledgers have many callers. */
const LEFT_OUT = 'Models that the caller may not use were left out.';

/** The candidates of a route, sorted into those that can serve and the others. */
export interface Sorted {
  choices: Choice[];
  fallbacks: GatewayModel[];
  /** They could serve, but are left alone for a while. */
  paused: GatewayModel[];
  notes: Note[];
  /** Every one was skipped because of what the request asks for. */
  onlyUnfit: boolean;
}

/** Goes through the candidates and fallbacks of a route, and notes why some are left out. */
export function sortCandidates(options: {
  route: GatewayRoute;
  target: AllowedTarget;
  operation: Operation;
  shape: RequestShape;
  directory: ModelDirectory;
  /** Why a model is left alone now. */
  blocked(model: GatewayModel): { reason: string } | undefined;
}): Sorted {
  const { directory, operation, route, shape, target } = options;
  const allowed = new Set(target.models.map(({ id }) => id));
  const type = typeFor(operation);
  const seen = new Set<string>();
  const found: Sorted = {
    choices: [],
    fallbacks: [],
    paused: [],
    notes:
      target.leftOut.length > 0
        ? [{ says: target.leftOut.join(' '), brief: LEFT_OUT }]
        : [],
    onlyUnfit: target.leftOut.length === 0 && target.unknown.length === 0,
  };
  const consider = (
    name: string,
    ruled: string | undefined,
    take: (model: GatewayModel) => void,
  ) => {
    const model = directory.model(name);
    if (
      !model ||
      !allowed.has(model.id) ||
      model.type !== type ||
      seen.has(model.id)
    ) {
      return;
    }
    const wrong = ruled ?? unfit(model, shape);
    if (wrong) {
      found.notes.push(`Skipped ${model.id}: ${wrong}.`);
      return;
    }
    seen.add(model.id);
    found.onlyUnfit = false;
    if (model.unavailable) {
      found.notes.push(`Skipped ${model.id}: ${model.unavailable}`);
      return;
    }
    const blocked = options.blocked(model);
    if (blocked) {
      found.paused.push(model);
      found.notes.push(`Skipped ${model.id}: ${blocked.reason}.`);
      return;
    }
    take(model);
  };
  for (const candidate of route.candidates) {
    consider(candidate.model, ruledOut(candidate, shape), model =>
      found.choices.push({ model, candidate }),
    );
  }
  for (const name of route.fallbacks ?? []) {
    consider(name, undefined, model => found.fallbacks.push(model));
  }
  for (const name of target.unknown) {
    found.notes.push(`Skipped ${name}: no provider has it.`);
  }
  return found;
}
