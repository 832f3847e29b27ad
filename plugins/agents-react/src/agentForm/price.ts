import type { ModelSummary } from '@agentportal/plugin-models-common';
import { formatNanoUsd } from '../format';

/** What a model costs, as people read it. */
export function priceInWords(model: ModelSummary): string {
  const { price } = model;
  if (model.type === 'route') {
    return 'Costs what the model that answers costs';
  }
  if (!price) {
    return 'Price not known';
  }
  const { inputNanoUsdPerMillionTokens, outputNanoUsdPerMillionTokens } = price;
  if (
    inputNanoUsdPerMillionTokens === 0 &&
    outputNanoUsdPerMillionTokens === 0
  ) {
    return 'Free';
  }
  return `${formatNanoUsd(inputNanoUsdPerMillionTokens)} in, ${formatNanoUsd(
    outputNanoUsdPerMillionTokens,
  )} out per million tokens`;
}
