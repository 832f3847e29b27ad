import { formatNanoUsd } from '@agentportal/plugin-agents-react';
import type { ModelSummary } from '@agentportal/plugin-models-common';

/** Prices as people compare them: dollars per million tokens, in and out. */
export function priceWords(model: ModelSummary): string {
  if (model.type === 'route') return 'That of the model it picks';
  if (!model.price) return 'Not known';
  const { inputNanoUsdPerMillionTokens, outputNanoUsdPerMillionTokens } =
    model.price;
  if (inputNanoUsdPerMillionTokens + outputNanoUsdPerMillionTokens === 0) {
    return 'Free';
  }
  const input = formatNanoUsd(inputNanoUsdPerMillionTokens);
  return model.type === 'embedding'
    ? `${input} in`
    : `${input} in · ${formatNanoUsd(outputNanoUsdPerMillionTokens)} out`;
}
