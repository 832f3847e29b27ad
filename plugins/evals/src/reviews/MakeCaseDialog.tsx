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
} from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { Select } from '@backstage/ui';
import { useState } from 'react';
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
      title="Make a test case"
      action="Add it"
      failure="The case could not be made"
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
            title="The data sets could not be loaded"
            error={sets.error}
            onRetry={sets.reload}
          />
        )}
        {sets.value && writable.length === 0 ? (
          <p className={layout.words}>
            The agent has no data set in the portal yet.{' '}
            <RouterLink href={`${agentPage}/evaluations`}>
              Begin one on its Evaluations tab
            </RouterLink>
            ; those in Git are changed there.
          </p>
        ) : (
          <>
            <Select
              label="Data set"
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
