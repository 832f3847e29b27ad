import { agentsTranslationRef } from '../translation';
import type { Approval } from '@agentportal/plugin-agents-common';
import {
  ErrorPanel,
  SchemaForm,
  approvalsApiRef,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState } from 'react';

/** The form of a question, for those who may answer it. */
export function QuestionForm(props: { approval: Approval; onChanged(): void }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { approval, onChanged } = props;
  const api = useApi(approvalsApiRef);
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [error, setError] = useState<Error>();
  const [isPending, setPending] = useState(false);
  const mayAnswer = approval.can.answer.allowed;
  const answer = async (given: Record<string, unknown>) => {
    setPending(true);
    setError(undefined);
    try {
      await api.answer(approval.id, given);
      onChanged();
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setPending(false);
    }
  };
  return (
    <>
      <SchemaForm
        schema={approval.form!}
        values={approval.values ?? values}
        isDisabled={!mayAnswer}
        onChange={setValues}
        onSubmit={answer}
      >
        {mayAnswer ? (
          <Button type="submit" variant="primary" isPending={isPending}>
            {t('questionForm.answer')}
          </Button>
        ) : (
          <></>
        )}
      </SchemaForm>
      {error && (
        <ErrorPanel
          title={t('questionForm.itWasNotAnswered')}
          error={error}
          safe={t('questionForm.theRunStillWaits')}
        />
      )}
    </>
  );
}
