import {
  observationsPerArm,
  type Candidate,
  type Evaluation,
  type StartExperimentRequest,
} from '@agentportal/plugin-evals-common';
import { ConfirmDialog, formatCount } from '@agentportal/plugin-agents-react';
import {
  useApi,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  NumberField,
  Select,
  Slider,
  Switch,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { CandidateFields } from '../evaluations/EvaluateDialog';
import { experimentRouteRef } from '../routes';
import { METRICS, isShare } from './metrics';
import layout from '../layout/layout.module.css';

type Metric = NonNullable<StartExperimentRequest['metric']>;

const RAMP = '10, 25, 50 and 100 %';
const FIRST_STEP = 0.1;
/** A test that may be looked at daily needs about a third more. */
const LOOKING_DAILY = 4 / 3;
/** Of runs that fail, or answers that people are content with, where nobody has measured it. */
const USUAL_RATE = 0.2;

/** About how many conversations both arms need together, in round numbers. */
function conversationsFor(difference: number, share: number): number {
  const perArm = observationsPerArm(USUAL_RATE, difference) * LOOKING_DAILY;
  // The smaller arm has to fill up; the larger one goes on meanwhile.
  const all = perArm / Math.min(Math.max(share, 0.01), 1 - share || 1, 0.5);
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(all)) - 1);
  return Math.round(all / digits) * digits;
}

/** Gives a share of an agent's conversations to a changed version. */
export function StartExperimentDialog(props: {
  agentRef: string;
  /** Of what is to be tried; without it that is chosen here. */
  evaluation?: Evaluation;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef, evaluation, onClose } = props;
  const api = useApi(evalsApiRef);
  const navigate = useAppNavigate();
  const route = useRouteRef(experimentRouteRef);
  const [title, setTitle] = useState('');
  const [hypothesis, setHypothesis] = useState('');
  const [candidate, setCandidate] = useState<Candidate>(
    evaluation?.candidate ?? {},
  );
  const [metric, setMetric] = useState<Metric>('failures');
  const [percent, setPercent] = useState(50);
  const [ramp, setRamp] = useState(true);
  const [points, setPoints] = useState(5);
  const isUnchanged = Object.keys(candidate).length === 0;
  const share = ramp ? FIRST_STEP : percent / 100;
  const needed = conversationsFor(points / 100, ramp ? 0.5 : share);
  return (
    <ConfirmDialog
      title={t('startExperimentDialog.startAnExperiment')}
      action={`Give it to ${Math.round(share * 100)} % of those who ask`}
      failure={t('startExperimentDialog.theExperimentCouldNotBe')}
      isIncomplete={!title.trim() || isUnchanged || !(percent >= 1)}
      onConfirm={async () => {
        const { id } = await api.startExperiment({
          agentRef,
          title: title.trim(),
          ...(hypothesis.trim() && { hypothesis: hypothesis.trim() }),
          candidate,
          share,
          ramp,
          smallestDifference: points / 100,
          metric,
          ...(evaluation && { evaluationId: evaluation.id }),
        });
        onClose();
        navigate(route?.({ experimentId: id }) ?? '');
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <TextField
          label={t('startExperimentDialog.name')}
          isRequired
          maxLength={100}
          value={title}
          onChange={setTitle}
        />
        <TextAreaField
          label={t('startExperimentDialog.whatShouldBecomeBetterAnd')}
          secondaryLabel={t('startExperimentDialog.optional')}
          rows={2}
          maxLength={1000}
          value={hypothesis}
          onChange={setHypothesis}
        />
        {evaluation ? (
          <p className={layout.words}>
            What is tried is what was evaluated as {evaluation.label}.
          </p>
        ) : (
          <CandidateFields
            agentRef={agentRef}
            value={candidate}
            onChange={setCandidate}
          />
        )}
        <Select
          label={t('startExperimentDialog.whatDecides')}
          options={METRICS}
          value={metric}
          onChange={key => setMetric(key as Metric)}
        />
        <Switch
          label={`Begin with few and go on to ${RAMP} while nothing is harmed`}
          isSelected={ramp}
          onChange={setRamp}
        />
        {!ramp && (
          <NumberField
            label={t('startExperimentDialog.shareOfThoseWhoAsk')}
            secondaryLabel="%"
            minValue={1}
            maxValue={100}
            value={percent}
            onChange={setPercent}
          />
        )}
        <Slider
          label={
            isShare(metric)
              ? 'Smallest difference that matters, in points'
              : 'Smallest difference that matters, in %'
          }
          minValue={1}
          maxValue={30}
          value={points}
          onChange={value => setPoints(Number(value))}
        />
        <p className={layout.quiet} aria-live="polite">
          {isUnchanged
            ? 'Change the instructions or the model first.'
            : `About ${formatCount(needed)} conversations show that${
                isShare(metric) ? '' : ', if they differ as much as usual'
              }. You may look at any time: that is reckoned with. These are real
          conversations, and tools have their effects.`}
        </p>
      </div>
    </ConfirmDialog>
  );
}
