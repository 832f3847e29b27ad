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
} from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { NumberField, Select, TextAreaField, TextField } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { showsWords } from '../dataSets/showsWords';
import { evaluationRouteRef } from '../routes';
import layout from '../layout/layout.module.css';

const MOST_TRIALS = 10;
const LONGEST_INSTRUCTIONS = 32_000;

/** Instructions and model of a candidate, beginning with the instructions of the agent. */
export function CandidateFields(props: {
  agentRef: string;
  value: Candidate;
  onChange: (candidate: Candidate) => void;
}) {
  const { agentRef, onChange, value } = props;
  const catalogApi = useApi(catalogApiRef);
  const entity = useLoad(`instructions ${agentRef}`, () =>
    catalogApi.getEntityByRef(agentRef),
  );
  const inForce = String(entity.value?.spec?.instructions ?? '');
  return (
    <>
      <TextAreaField
        label="Instructions"
        description="Those of the agent, to be changed here. The agent itself stays as it is."
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
        label="Model"
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
  const [dataSetId, setDataSetId] = useState(dataSets[0]?.id);
  const [version, setVersion] = useState<string>(asked);
  const [candidate, setCandidate] = useState<Candidate>({});
  const [trials, setTrials] = useState(1);
  const [label, setLabel] = useState('');
  const dataSet = dataSets.find(({ id }) => id === dataSetId);
  const isCandidate = version === 'candidate';
  const isUnchanged = isCandidate && Object.keys(candidate).length === 0;
  const questions = (dataSet?.caseCount ?? 0) * (trials || 1);
  return (
    <ConfirmDialog
      title="Evaluate"
      action={`Ask ${formatCount(questions)} ${
        questions === 1 ? 'question' : 'questions'
      }`}
      failure="The evaluation could not be started"
      isIncomplete={!dataSet || isUnchanged || !Number.isInteger(trials)}
      onConfirm={async () => {
        const { id } = await api.createEvaluation({
          dataSetId: dataSet!.id,
          trials,
          ...(label.trim() && { label: label.trim() }),
          ...(isCandidate && { candidate }),
          ...(version === 'file' && { ofFile: true }),
        });
        onClose();
        navigate(route?.({ evaluationId: id }) ?? '');
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <Select
          label="Data set"
          options={dataSets.map(each => ({
            id: each.id,
            label: `${each.title} (${formatCount(each.caseCount)} cases)`,
          }))}
          value={dataSetId ?? null}
          onChange={key => setDataSetId(String(key))}
        />
        {dataSet && <p className={layout.quiet}>{showsWords(dataSet)}</p>}
        <Select
          label="Who is asked"
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
            label="Times each question is asked"
            minValue={1}
            maxValue={MOST_TRIALS}
            value={trials}
            onChange={setTrials}
          />
          <TextField
            label="Name"
            secondaryLabel="Optional"
            maxLength={100}
            value={label}
            onChange={setLabel}
          />
        </div>
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
