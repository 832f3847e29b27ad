import type { EvalCase } from '@agentportal/plugin-evals-common';
import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { CaseFields } from './CaseFields';
import { caseOf, formOf } from './caseForm';
import layout from '../layout/layout.module.css';

/** Adds a case to a data set, or changes one; either is a new version. */
export function CaseDialog(props: {
  dataSetId: string;
  /** The case that is changed; without it a new one is made. */
  evalCase?: EvalCase;
  onSaved: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { dataSetId, evalCase, onClose, onSaved } = props;
  const api = useApi(evalsApiRef);
  const [form, setForm] = useState(() => formOf(evalCase ?? { id: '' }));
  return (
    <ConfirmDialog
      title={evalCase ? `Case ${evalCase.id}` : 'Add a case'}
      action={evalCase ? 'Save as a new version' : 'Add it'}
      failure={t('caseDialog.theCaseCouldNotBe')}
      isIncomplete={!form.id || (!form.ask.trim() && !form.rest.trim())}
      onConfirm={async () => {
        await api.addCase(dataSetId, caseOf(form));
        onSaved();
        onClose();
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <CaseFields form={form} isNew={!evalCase} onChange={setForm} />
      </div>
    </ConfirmDialog>
  );
}
