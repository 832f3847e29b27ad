import { formatNanoUsd } from '@agentportal/plugin-agents-react';
import type { TranslationFunction } from '@backstage/frontend-plugin-api';
import type { modelsTranslationRef } from '../translation';
import type { ModelSummary } from '@agentportal/plugin-models-common';

const UNITS = [
  'characterNanoUsd',
  'imageNanoUsd',
  'audioMinuteNanoUsd',
  'searchUnitNanoUsd',
  'gpuHourNanoUsd',
] as const;

/** A single character costs too little to be read. */
const CHARACTERS = 1_000_000;

/**
 * Prices as people compare them: dollars per million tokens, in and out, or for a
 * unit where the model is not paid by tokens.
 */
export function priceWords(
  model: ModelSummary,
  t: TranslationFunction<typeof modelsTranslationRef.T>,
): string {
  if (model.type === 'route') return 'That of the model it picks';
  if (!model.price) return 'Not known';
  const unit = UNITS.find(name => model.price?.[name]);
  if (unit) {
    const each =
      model.price[unit]! * (unit === 'characterNanoUsd' ? CHARACTERS : 1);
    return t(`unitPrices.${unit}`, { price: formatNanoUsd(each) });
  }
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
