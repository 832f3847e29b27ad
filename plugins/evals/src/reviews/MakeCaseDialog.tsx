import type { Review } from '@agentportal/plugin-evals-common';
import {
  ConfirmDialog,
  ErrorPanel,
  formatCount,
} from '@agentportal/plugin-agents-react';
import { parseEntityRef } from '@backstage/catalog-model';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { Select } from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { CaseFields } from '../dataSets/CaseFields';
import { caseOf, formOf, idOf } from '../dataSets/caseForm';
import { useDataSets } from '../dataSets/useDataSets';
import layout from '../layout/layout.module.css';

/** Makes a case of a data set out of a reviewed conversation. */
export function MakeCaseDialog(props: {
  review: Review;
  onMade: (review: Review) => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { onClose, onMade, review } = props;
  const { agentRef, ask = '' } = review;
  const api = useApi(evalsApiRef);
  const { sets } = useDataSets(agentRef);
  const agentPage = useRouteRef(entityRouteRef)?.(parseEntityRef(agentRef));
  const writable = (sets.value?.items ?? []).filter(
    ({ origin }) => origin === 'portal',
  );
  const [chosen, setChosen] = useState<string>();
  const dataSetId = chosen ?? writable[0]?.id;
  const [form, setForm] = useState(() =>
    formOf({ id: idOf(ask), ...(ask && { ask }) }),
  );
  return (
    <ConfirmDialog
      title={t('makeCaseDialog.makeATestCase')}
      action={t('makeCaseDialog.addIt')}
      failure={t('makeCaseDialog.theCaseCouldNotBe')}
      isIncomplete={!dataSetId || !form.id || !form.ask.trim()}
      onConfirm={async () => {
        onMade(
          await api.makeCaseOfReview(review.id, {
            dataSetId: dataSetId!,
            case: caseOf(form),
          }),
        );
        onClose();
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        {sets.error && (
          <ErrorPanel
            title={t('makeCaseDialog.theDataSetsCouldNot')}
            error={sets.error}
            onRetry={sets.reload}
          />
        )}
        {sets.value && writable.length === 0 ? (
          <p className={layout.words}>
            The agent has no data set in the portal yet.{' '}
            <RouterLink href={`${agentPage}/evaluations`}>
              {t('makeCaseDialog.beginOneOnItsEvaluations')}
            </RouterLink>
            ; those in Git are changed there.
          </p>
        ) : (
          <>
            <Select
              label={t('makeCaseDialog.dataSet')}
              options={writable.map(({ caseCount, id, title }) => ({
                id,
                label: `${title} (${formatCount(caseCount)} cases)`,
              }))}
              value={dataSetId ?? null}
              onChange={key => setChosen(String(key))}
            />
            <CaseFields form={form} isNew onChange={setForm} />
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}
