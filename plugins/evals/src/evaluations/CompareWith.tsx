import type { Evaluation } from '@agentportal/plugin-evals-common';
import { useLoad } from '@agentportal/plugin-agents-react';
import {
  useApi,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Select } from '@backstage/ui';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { comparisonRouteRef } from '../routes';

const SHOWN = 50;

/** Chooses an evaluation of the same data set to compare with. */
export function CompareWith({ evaluation }: { evaluation: Evaluation }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { dataSetId, id } = evaluation;
  const api = useApi(evalsApiRef);
  const navigate = useAppNavigate();
  const comparison = useRouteRef(comparisonRouteRef);
  const others = useLoad(`others ${dataSetId}`, signal =>
    api.listEvaluations({ dataSetId, limit: SHOWN }, { signal }),
  );
  const options = (others.value?.items ?? [])
    .filter(each => each.id !== id)
    .map(each => ({
      id: each.id,
      label: `${each.label}, ${new Date(each.createdAt).toLocaleDateString(
        'en-GB',
      )}`,
    }));
  if (options.length === 0) {
    return null;
  }
  return (
    <Select
      aria-label={t('compareWith.compareWith')}
      size="small"
      placeholder={t('compareWith.compareWith2')}
      options={options}
      value={null}
      onChange={key =>
        key &&
        navigate(
          comparison?.({ evaluationId: id, baselineId: String(key) }) ?? '',
        )
      }
    />
  );
}
