import type { ModelSummary } from '@agentportal/plugin-models-common';
import { formatNanoUsd } from '../format';
import type { AgentsReactTranslation } from '../translation';

/** What a model costs, as people read it. */
export function priceInWords(
  model: ModelSummary,
  t: AgentsReactTranslation,
): string {
  const { price } = model;
  if (model.type === 'route') {
    return t('price.route');
  }
  if (!price) {
    return t('price.unknown');
  }
  const {
    gpuHourNanoUsd,
    inputNanoUsdPerMillionTokens,
    outputNanoUsdPerMillionTokens,
  } = price;
  if (
    inputNanoUsdPerMillionTokens === 0 &&
    outputNanoUsdPerMillionTokens === 0
  ) {
    return gpuHourNanoUsd
      ? t('price.perHour', { price: formatNanoUsd(gpuHourNanoUsd) })
      : t('price.free');
  }
  return t('price.perMillion', {
    input: formatNanoUsd(inputNanoUsdPerMillionTokens),
    output: formatNanoUsd(outputNanoUsdPerMillionTokens),
  });
}
