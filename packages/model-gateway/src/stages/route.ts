import type { GatewayModel } from '../directory/model';
import { GatewayError } from '../errors';
import type { AllowedTarget } from './access';

/** What a caller wants a model for. */
export type Operation = 'chat' | 'embeddings';

/** The models to try in order, and the story so far in sentences. */
export interface Plan {
  route?: string;
  candidates: GatewayModel[];
  notes: string[];
}

/**
 * Orders what may be called. A model that was asked for by its own name is tried
 * even when its provider did not answer lately: the call is the best check.
 */
export function planRoute(target: AllowedTarget, operation: Operation): Plan {
  const type = operation === 'chat' ? 'chat' : 'embedding';
  const fitting = target.models.filter(model => model.type === type);
  if (!target.route) {
    if (fitting.length === 0) {
      throw new GatewayError(
        400,
        'operation_not_supported',
        `${target.models[0]?.id} is not made for ${operation}; choose a model of type ${type}.`,
      );
    }
    return { candidates: fitting, notes: [] };
  }
  const { name } = target.route;
  const candidates = fitting.filter(model => !model.unavailable);
  const notes = [
    ...target.leftOut,
    ...fitting
      .filter(model => model.unavailable)
      .map(model => `Skipped ${model.id}: ${model.unavailable}`),
    ...target.unknown.map(ref => `Skipped ${ref}: no provider has it.`),
  ];
  if (candidates.length === 0) {
    throw new GatewayError(
      503,
      'model_unavailable',
      [
        `No model of the route ${name} can serve ${operation} now.`,
        ...notes,
      ].join(' '),
    );
  }
  return { route: name, candidates, notes };
}

/** Why this model serves, in words for the caller and the run's page. */
export function explainChoice(plan: Plan, chosen: GatewayModel): string {
  const why = plan.route
    ? `Chose ${chosen.id}: the first candidate of the route ${plan.route} that could serve.`
    : `Chose ${chosen.id}: it was asked for by name.`;
  return [why, ...plan.notes].join(' ');
}
