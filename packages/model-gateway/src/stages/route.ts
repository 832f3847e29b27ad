import type { GatewayModel } from '../directory/model';
import type { RequestFeatures } from '../ports';
import type { Price } from '../prices/price';

export type { Operation } from '../directory/modelType';

/**
 * A sentence of the story of a call. `brief` is without figures that differ from
 * call to call, so that the ledger can share it.
 */
export type Note = string | { says: string; brief: string };

/** The models to try in order, and the story so far in sentences. */
export interface Plan {
  route?: string;
  candidates: GatewayModel[];
  notes: Note[];
  /** Why a model is where it is, by gateway id, to follow "Chose x: ". */
  whys?: ReadonlyMap<string, string>;
  features: RequestFeatures;
  /** How often a candidate is asked again after a passing fault. */
  retries: number;
  hedge?: {
    afterPercentile: number;
    maxPercentOfCalls: number;
    /** Models that may be asked second, by gateway id: last resorts are not. */
    among: ReadonlySet<string>;
  };
  /** Prices of the models that the route could choose from. */
  pricesToChooseFrom?: () => Price[];
  /** Called with the model that served. */
  onServed?: (model: GatewayModel) => void;
}

/** Why this model serves, in words for the caller and the run's page. */
export function explainChoice(
  plan: Plan,
  chosen: GatewayModel,
  form: 'full' | 'brief' = 'full',
  whyNow?: string,
): string {
  const planned = plan.route
    ? plan.whys?.get(chosen.id) ??
      `the next candidate of the route ${plan.route}.`
    : 'it was asked for by name.';
  const why = whyNow ?? planned;
  const sentences = [`Chose ${chosen.id}: ${why}`];
  for (const note of plan.notes) {
    sentences.push(
      typeof note === 'string'
        ? note
        : note[form === 'full' ? 'says' : 'brief'],
    );
  }
  return sentences.join(' ');
}
