import type {
  Candidate,
  FailureCluster,
  Proposal,
} from '@agentportal/plugin-evals-common';
import { ConfirmDialog, formatCount } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select, TextAreaField, TextField } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useDataSets } from '../dataSets/useDataSets';
import { CandidateFields } from '../evaluations/EvaluateDialog';
import { evalsTranslationRef } from '../translation';
import { useKindWord } from './useKindWord';
import layout from '../layout/layout.module.css';

const SHORTEST = 3;
const LATER = 'later';

/** Proposes other instructions or another model, and has it evaluated. */
export function ProposeDialog(props: {
  agentRef: string;
  cluster: FailureCluster;
  onMade: () => void;
  onClose: () => void;
}) {
  const { agentRef, cluster, onClose, onMade } = props;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const kindWord = useKindWord();
  const { usable } = useDataSets(agentRef);
  const [title, setTitle] = useState('');
  const [reason, setReason] = useState('');
  const [candidate, setCandidate] = useState<Candidate>({});
  const [chosen, setChosen] = useState<string>();
  // What was made stays when its evaluation could not be begun; it is not made twice.
  const [made, setMade] = useState<Proposal>();
  const dataSetId = chosen ?? usable[0]?.id ?? LATER;
  return (
    <ConfirmDialog
      title={t('proposals.dialog.title')}
      action={t(
        dataSetId === LATER
          ? 'proposals.dialog.make'
          : 'proposals.dialog.makeAndEvaluate',
      )}
      failure={t('proposals.dialog.failure')}
      isIncomplete={
        title.trim().length < SHORTEST || Object.keys(candidate).length === 0
      }
      onConfirm={async () => {
        const proposal =
          made ??
          (await api.createProposal({
            agentRef,
            clusterId: cluster.id,
            title: title.trim(),
            ...(reason.trim() && { reason: reason.trim() }),
            candidate,
          }));
        setMade(proposal);
        if (dataSetId !== LATER) {
          await api.evaluateProposal(proposal.id, { dataSetId });
        }
        onMade();
        onClose();
      }}
      onClose={() => {
        if (made) {
          onMade();
        }
        onClose();
      }}
    >
      <div className={layout.form}>
        <p className={layout.words}>
          {t('proposals.dialog.because', {
            count: cluster.count,
            kind: kindWord(cluster.kind),
          })}
        </p>
        <TextField
          label={t('proposals.dialog.name')}
          maxLength={150}
          isDisabled={made !== undefined}
          value={title}
          onChange={setTitle}
        />
        <CandidateFields
          agentRef={agentRef}
          value={candidate}
          onChange={setCandidate}
        />
        <TextAreaField
          label={t('proposals.dialog.reason')}
          rows={2}
          maxLength={2000}
          value={reason}
          onChange={setReason}
        />
        <Select
          label={t('proposals.dialog.dataSet')}
          options={[
            ...usable.map(each => ({
              id: each.id,
              label: `${each.title} (${formatCount(each.caseCount)})`,
            })),
            { id: LATER, label: t('proposals.dialog.later') },
          ]}
          value={dataSetId}
          onChange={key => setChosen(String(key))}
        />
        <p className={layout.quiet}>{t('proposals.dialog.says')}</p>
      </div>
    </ConfirmDialog>
  );
}
