import type {
  ComplexityTier,
  GatewayModel,
  GatewayRoute,
} from '../directory/model';
import type { ModelDirectory } from '../directory/ModelDirectory';
import type { RequestFeatures } from '../ports';
import type { Price } from '../prices/price';
import type { DataPolicy } from './DataPolicy';
import { ruledOut, unfit } from './eligibility';
import type { ProviderHealth } from './health/ProviderHealth';
import type { RequestShape } from './RequestShape';
import { STRATEGIES } from './strategies';
import type { Choice } from './strategies/Strategy';

/**
 * A call of the past, as far as a route looks at it.
 *
 * @public
 */
export interface RehearsedCall {
  features: RequestFeatures;
  inputTokens: number;
  /** What a model must be trusted with to get it. */
  tier: ComplexityTier;
}

/**
 * What a rehearsal goes by.
 *
 * @public
 */
export interface Stage {
  directory: ModelDirectory;
  health: ProviderHealth;
  priceOf: (model: GatewayModel) => Price | undefined;
  /** Where the data of a call may be sent; without it, anywhere. */
  dataPolicy?: DataPolicy;
  /** From 0 to below 1. */
  random: () => number;
}

/**
 * Chooses a model of a route for a call of the past, by the same rules and the
 * same strategies as for a call of now, and sends its data only where it may go
 * now. Conversations and breakers play no part, and neither do the rights of
 * whoever called.
 *
 * @public
 */
export function rehearse(
  route: GatewayRoute,
  call: RehearsedCall,
  stage: Stage,
): { model: GatewayModel } | { reason: string } {
  const { dataPolicy, directory, health, priceOf, random } = stage;
  const { features, inputTokens, tier } = call;
  const shape: RequestShape = { features, inputTokens };
  const reasons: string[] = [];
  const canServe = (name: string, ruled?: string) => {
    const model = directory.model(name);
    const wrong = model
      ? ruled ?? unfit(model, shape) ?? (model.unavailable && 'not available')
      : 'no provider has it';
    if (wrong) {
      reasons.push(`${name}: ${wrong}.`);
      return undefined;
    }
    const refusal =
      model &&
      dataPolicy?.refusal({
        provider: model.provider,
        dataClassification: features.dataClassification,
        account: {},
      });
    if (refusal) {
      reasons.push(`${name}: ${refusal}`);
      return undefined;
    }
    return model;
  };
  const choices = route.candidates.flatMap((candidate): Choice[] => {
    const model = canServe(candidate.model, ruledOut(candidate, shape));
    return model ? [{ model, candidate }] : [];
  });
  if (choices.length > 0) {
    const { order } = STRATEGIES[route.strategy ?? 'priority'](choices, {
      route: route.name,
      shape,
      tier,
      healthOf: model => health.of(model),
      priceOf,
      random,
    });
    return { model: order[0].model };
  }
  for (const name of route.fallbacks ?? []) {
    const model = canServe(name);
    if (model) {
      return { model };
    }
  }
  return { reason: [...new Set(reasons)].join(' ') };
}
