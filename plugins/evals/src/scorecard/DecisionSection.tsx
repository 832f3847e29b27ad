import type {
  AgentDecision,
  Scorecard,
} from '@agentportal/plugin-evals-common';
import {
  ConfirmDialog,
  EntityLink,
  RelativeTime,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  NumberField,
  Radio,
  RadioGroup,
  TextAreaField,
} from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { Section } from '../layout/Section';
import layout from '../layout/layout.module.css';

const DECISIONS: Record<AgentDecision, { word: string; means: string }> = {
  keep: { word: 'Keep', means: 'It goes on as it is.' },
  improve: { word: 'Improve', means: 'It goes on, and somebody works on it.' },
  retire: {
    word: 'Retire',
    means: 'It is to be taken out of use; that is done in its file.',
  },
};
const DAYS = 90;

function DecisionDialog(props: {
  agentRef: string;
  onDecided: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef, onClose, onDecided } = props;
  const api = useApi(evalsApiRef);
  const [decision, setDecision] = useState<AgentDecision>('keep');
  const [note, setNote] = useState('');
  const [days, setDays] = useState(DAYS);
  return (
    <ConfirmDialog
      title={t('decisionSection.whatTheReviewCameTo')}
      action={t('decisionSection.writeItDown')}
      failure={t('decisionSection.theDecisionCouldNotBe')}
      isIncomplete={!Number.isInteger(days)}
      onConfirm={async () => {
        await api.decideOnAgent(agentRef, {
          decision,
          ...(note.trim() && { note: note.trim() }),
          nextInDays: days,
        });
        onDecided();
        onClose();
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <RadioGroup
          label={t('decisionSection.decision')}
          value={decision}
          onChange={key => setDecision(key as AgentDecision)}
        >
          {Object.entries(DECISIONS).map(([id, { means, word }]) => (
            <Radio key={id} value={id}>
              {word}. {means}
            </Radio>
          ))}
        </RadioGroup>
        <TextAreaField
          label={t('decisionSection.why')}
          rows={3}
          maxLength={2000}
          value={note}
          onChange={setNote}
        />
        <NumberField
          label={t('decisionSection.lookAgainIn')}
          secondaryLabel={t('decisionSection.days')}
          minValue={1}
          maxValue={365}
          value={days}
          onChange={setDays}
        />
      </div>
    </ConfirmDialog>
  );
}

/** What people decided about the agent last, and a way to decide. */
export function DecisionSection(props: {
  scorecard: Scorecard;
  onDecided: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef, decision } = props.scorecard;
  const mayManage = useMayManage(agentRef);
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title={t('decisionSection.periodicReview')}
      actions={
        mayManage && (
          <Button
            size="small"
            variant="secondary"
            onPress={() => setOpen(true)}
          >
            {t('decisionSection.writeDownADecision')}
          </Button>
        )
      }
    >
      {decision ? (
        <>
          <p className={layout.words}>
            <b>{DECISIONS[decision.decision].word}.</b> {decision.note}
          </p>
          <p className={layout.quiet}>
            By <EntityLink entityRef={decision.by} />,{' '}
            <RelativeTime value={decision.at} />
            {decision.nextAt && (
              <>
                ; to be looked at again <RelativeTime value={decision.nextAt} />
              </>
            )}
          </p>
        </>
      ) : (
        <p className={layout.quiet}>
          {t('decisionSection.nobodyHasDecidedYetWhether')}
        </p>
      )}
      {isOpen && (
        <DecisionDialog
          agentRef={agentRef}
          onDecided={props.onDecided}
          onClose={() => setOpen(false)}
        />
      )}
    </Section>
  );
}
