import type {
  ComplexityTier,
  GatewayModel,
  RouteCandidate,
} from '../../directory/model';
import type { Price } from '../../prices/price';
import type { ModelHealth } from '../health/ModelHealth';
import type { RequestShape } from '../RequestShape';

/** A model that can serve, and what its route says of it. */
export interface Choice {
  model: GatewayModel;
  candidate: RouteCandidate;
}

/** What strategies look at. */
export interface Circumstances {
  route: string;
  shape: RequestShape;
  /** What a model must be trusted with. */
  tier: ComplexityTier;
  /** Stands for the conversation; absent when it is not kept together. */
  session?: string;
  healthOf(model: GatewayModel): ModelHealth;
  priceOf(model: GatewayModel): Price | undefined;
  /** From 0 to below 1. */
  random(): number;
}

/** The choices in the order in which they are to be tried. */
export interface Ranking {
  order: Choice[];
  /** Why the first is first, to follow the words "Chose x: ". */
  why: string;
}

/** Ranks at least one choice. */
export type Strategy = (
  choices: Choice[],
  circumstances: Circumstances,
) => Ranking;

/** Sorts by a number, the smallest first, and keeps the order among equals. */
export function byLeast(
  choices: Choice[],
  valueOf: (choice: Choice) => number,
): Choice[] {
  return choices
    .map((choice, index) => ({ choice, index, value: valueOf(choice) }))
    .sort((a, b) =>
      a.value === b.value ? a.index - b.index : a.value - b.value,
    )
    .map(({ choice }) => choice);
}
