import type { Candidate, DataSet } from '@agentportal/plugin-evals-common';
import {
  ConfirmDialog,
  EntityField,
  formatCount,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { NumberField, Select, TextAreaField, TextField } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { showsWords } from '../dataSets/showsWords';
import { evaluationRouteRef } from '../routes';
import { evalsTranslationRef } from '../translation';
import layout from '../layout/layout.module.css';

const MOST_TRIALS = 10;
/** What a judge may use unless somebody says otherwise, as the backend has it. */
const JUDGE_CALLS = 1_000;
const JUDGE_USD = 5;
const MOST_JUDGE_CALLS = 100_000;
const MOST_JUDGE_USD = 1_000;
const LONGEST_INSTRUCTIONS = 32_000;

/** Instructions and model of a candidate, beginning with the instructions of the agent. */
export function CandidateFields(props: {
  agentRef: string;
  value: Candidate;
  onChange: (candidate: Candidate) => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef, onChange, value } = props;
  const catalogApi = useApi(catalogApiRef);
  const entity = useLoad(`instructions ${agentRef}`, () =>
    catalogApi.getEntityByRef(agentRef),
  );
  const inForce = String(entity.value?.spec?.instructions ?? '');
  return (
    <>
      <TextAreaField
        label={t('evaluateDialog.instructions')}
        description={t('evaluateDialog.thoseOfTheAgentTo')}
        rows={8}
        maxLength={LONGEST_INSTRUCTIONS}
        isDisabled={entity.isPending && !entity.value}
        value={value.instructions ?? inForce}
        onChange={text => {
          const { instructions: _, ...rest } = value;
          onChange(
            text && text !== inForce ? { ...rest, instructions: text } : rest,
          );
        }}
      />
      <EntityField
        label={t('evaluateDialog.model')}
        filter={{ kind: 'model', 'spec.type': ['chat', 'route'] }}
        none="That of the agent"
        value={value.model ?? ''}
        onChange={ref => {
          const { model: _, ...rest } = value;
          onChange(ref ? { ...rest, model: ref } : rest);
        }}
      />
    </>
  );
}

/** Asks an agent every question of a data set, as it is or with something changed. */
export function EvaluateDialog(props: {
  agentRef: string;
  dataSets: readonly DataSet[];
  /** Who is asked at first; the version in force unless told. */
  asked?: 'in-force' | 'candidate';
  onClose: () => void;
}) {
  const { agentRef, asked = 'in-force', dataSets, onClose } = props;
  const api = useApi(evalsApiRef);
  const navigate = useAppNavigate();
  const route = useRouteRef(evaluationRouteRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const [dataSetId, setDataSetId] = useState(dataSets[0]?.id);
  const [version, setVersion] = useState<string>(asked);
  const [candidate, setCandidate] = useState<Candidate>({});
  const [trials, setTrials] = useState(1);
  const [label, setLabel] = useState('');
  const [judgeCalls, setJudgeCalls] = useState(JUDGE_CALLS);
  const [judgeUsd, setJudgeUsd] = useState(JUDGE_USD);
  const dataSet = dataSets.find(({ id }) => id === dataSetId);
  const isCandidate = version === 'candidate';
  const isUnchanged = isCandidate && Object.keys(candidate).length === 0;
  // A field that somebody empties is no number.
  const isReadable =
    Number.isInteger(trials) && Number.isInteger(judgeCalls) && judgeUsd > 0;
  const questions = (dataSet?.caseCount ?? 0) * (trials || 1);
  return (
    <ConfirmDialog
      title={t('evaluateDialog.evaluate')}
      action={`Ask ${formatCount(questions)} ${
        questions === 1 ? 'question' : 'questions'
      }`}
      failure={t('evaluateDialog.theEvaluationCouldNotBe')}
      isIncomplete={!dataSet || isUnchanged || !isReadable}
      onConfirm={async () => {
        const { id } = await api.createEvaluation({
          dataSetId: dataSet!.id,
          trials,
          ...(label.trim() && { label: label.trim() }),
          ...(isCandidate && { candidate }),
          ...(version === 'file' && { ofFile: true }),
          ...((judgeCalls !== JUDGE_CALLS || judgeUsd !== JUDGE_USD) && {
            judgeLimit: {
              calls: judgeCalls,
              costNanoUsd: Math.round(judgeUsd * 1e9),
            },
          }),
        });
        onClose();
        navigate(route?.({ evaluationId: id }) ?? '');
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <Select
          label={t('evaluateDialog.dataSet')}
          options={dataSets.map(each => ({
            id: each.id,
            label: `${each.title} (${formatCount(each.caseCount)} cases)`,
          }))}
          value={dataSetId ?? null}
          onChange={key => setDataSetId(String(key))}
        />
        {dataSet && <p className={layout.quiet}>{showsWords(dataSet)}</p>}
        <Select
          label={t('evaluateDialog.whoIsAsked')}
          options={[
            { id: 'in-force', label: 'The version in force' },
            {
              id: 'candidate',
              label: 'It with changed instructions or another model',
            },
            {
              id: 'file',
              label: 'What its file says, also before that is approved',
            },
          ]}
          value={version}
          onChange={key => setVersion(String(key))}
        />
        {isCandidate && (
          <CandidateFields
            agentRef={agentRef}
            value={candidate}
            onChange={setCandidate}
          />
        )}
        <div className={layout.pair}>
          <NumberField
            label={t('evaluateDialog.timesEachQuestionIsAsked')}
            minValue={1}
            maxValue={MOST_TRIALS}
            value={trials}
            onChange={setTrials}
          />
          <TextField
            label={t('evaluateDialog.name')}
            secondaryLabel={t('evaluateDialog.optional')}
            maxLength={100}
            value={label}
            onChange={setLabel}
          />
        </div>
        <div className={layout.pair}>
          <NumberField
            label={t('evaluate.judgeCalls')}
            minValue={1}
            maxValue={MOST_JUDGE_CALLS}
            value={judgeCalls}
            onChange={setJudgeCalls}
          />
          <NumberField
            label={t('evaluate.judgeCost')}
            secondaryLabel={t('evaluateDialog.usd')}
            minValue={0.01}
            maxValue={MOST_JUDGE_USD}
            step={0.01}
            value={judgeUsd}
            onChange={setJudgeUsd}
          />
        </div>
        <p className={layout.quiet}>{t('evaluate.judgeHint')}</p>
        <p className={layout.quiet}>
          {isUnchanged
            ? 'Change the instructions or the model first.'
            : `The agent rehearses: no tool has an effect; the models cost as ever.${
                version !== 'in-force'
                  ? ' The version in force is asked the same unless it was already, and both are compared.'
                  : ''
              }`}
        </p>
      </div>
    </ConfirmDialog>
  );
}
