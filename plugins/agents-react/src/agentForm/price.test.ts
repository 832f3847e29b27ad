import { mockApis } from '@backstage/frontend-test-utils';
import type { ModelSummary } from '@agentportal/plugin-models-common';
import { agentsReactTranslationRef } from '../translation';
import { priceInWords } from './price';

const { t } = mockApis.translation().getTranslation(agentsReactTranslationRef);

it.each([
  [{}, 'Free'],
  [{ gpuHourNanoUsd: 2e9 }, '$2.00 for each hour that calls take'],
  [
    { outputNanoUsdPerMillionTokens: 3e9 },
    '$0 in, $3.00 out per million tokens',
  ],
])('says what %o costs', (price, words) => {
  const model = {
    type: 'chat',
    price: {
      inputNanoUsdPerMillionTokens: 0,
      outputNanoUsdPerMillionTokens: 0,
      ...price,
    },
  } as ModelSummary;
  expect(priceInWords(model, t)).toBe(words);
});
