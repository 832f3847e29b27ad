import type { Proposal } from '@agentportal/plugin-evals-common';
import {
  ConfirmDialog,
  EntityLink,
  ErrorPanel,
  RelativeTime,
  StatusMark,
  type StatusTone,
  nameOfRef,
  saveFile,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { toError } from '@backstage/errors';
import {
  Button,
  Radio,
  RadioGroup,
  Select,
  TextAreaField,
} from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useDataSets } from '../dataSets/useDataSets';
import { comparisonRouteRef, evaluationRouteRef } from '../routes';
import { evalsTranslationRef } from '../translation';
import { FailureLink } from './FailureLink';
import layout from '../layout/layout.module.css';
import styles from './proposals.module.css';

const SHOWN = 10;

const TONES: Record<Proposal['status'], StatusTone> = {
  open: 'attention',
  adopted: 'good',
  dropped: 'off',
};

/** How the proposed version did, with its comparison where there is one. */
function Evaluated({ evaluationId }: { evaluationId: string }) {
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const comparison = useRouteRef(comparisonRouteRef);
  const page = useRouteRef(evaluationRouteRef)?.({ evaluationId });
  const { value } = useLoad(`evaluation ${evaluationId}`, signal =>
    api.getEvaluation(evaluationId, { signal }),
  );
  if (!value) {
    return null;
  }
  const { baselineId, counts, status } = value;
  return (
    <span className={layout.below}>
      <RouterLink href={page ?? ''}>
        {status === 'running'
          ? t('proposals.evaluating', {
              done: `${counts.cases - counts.waiting}`,
              cases: `${counts.cases}`,
            })
          : t('proposals.right', {
              passed: `${counts.passed}`,
              cases: `${counts.cases}`,
            })}
      </RouterLink>
      {baselineId && comparison && (
        <>
          {' · '}
          <RouterLink href={comparison({ evaluationId, baselineId })}>
            {t('proposals.compare')}
          </RouterLink>
        </>
      )}
    </span>
  );
}

function EvaluateProposalDialog(props: {
  proposal: Proposal;
  onDone: () => void;
  onClose: () => void;
}) {
  const { onClose, onDone, proposal } = props;
  const { agentRef, id } = proposal;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const { sets, usable } = useDataSets(agentRef);
  const [chosen, setChosen] = useState<string>();
  const dataSetId = chosen ?? usable[0]?.id;
  return (
    <ConfirmDialog
      title={t('proposals.evaluate')}
      action={t('proposals.evaluate')}
      failure={t('proposals.evaluateFailure')}
      isIncomplete={!dataSetId}
      onConfirm={async () => {
        await api.evaluateProposal(id, { dataSetId: dataSetId! });
        onDone();
        onClose();
      }}
      onClose={onClose}
    >
      {sets.value && usable.length === 0 ? (
        <p className={layout.words}>{t('proposals.noDataSet')}</p>
      ) : (
        <Select
          label={t('proposals.dialog.dataSet')}
          options={usable.map(each => ({ id: each.id, label: each.title }))}
          value={dataSetId ?? null}
          onChange={key => setChosen(String(key))}
        />
      )}
    </ConfirmDialog>
  );
}

function CloseDialog(props: {
  proposal: Proposal;
  onDone: () => void;
  onClose: () => void;
}) {
  const { onClose, onDone, proposal } = props;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const [status, setStatus] = useState<'adopted' | 'dropped'>('adopted');
  const [note, setNote] = useState('');
  return (
    <ConfirmDialog
      title={t('proposals.closeTitle')}
      action={t('proposals.close')}
      failure={t('proposals.closeFailure')}
      onConfirm={async () => {
        await api.closeProposal(proposal.id, {
          status,
          ...(note.trim() && { note: note.trim() }),
        });
        onDone();
        onClose();
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <RadioGroup
          label={t('proposals.closeTitle')}
          value={status}
          onChange={key => setStatus(key as typeof status)}
        >
          <Radio value="adopted">{t('proposals.adoptedMeans')}</Radio>
          <Radio value="dropped">{t('proposals.droppedMeans')}</Radio>
        </RadioGroup>
        <TextAreaField
          label={t('proposals.note')}
          rows={2}
          maxLength={2000}
          value={note}
          onChange={setNote}
        />
      </div>
    </ConfirmDialog>
  );
}

function ProposalItem(props: {
  proposal: Proposal;
  mayManage: boolean;
  onChanged: () => void;
}) {
  const { mayManage, onChanged, proposal } = props;
  const { candidate, closedAt, closedBy, createdAt, createdBy } = proposal;
  const { draftedBy, evaluationId, note } = proposal;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const [dialog, setDialog] = useState<'evaluate' | 'close'>();
  const [failure, setFailure] = useState<Error>();
  const closeDialog = () => setDialog(undefined);
  const save = async (part: 'yaml' | 'pullRequest') => {
    setFailure(undefined);
    try {
      const change = await api.getProposalChange(proposal.id);
      saveFile(
        `${nameOfRef(proposal.agentRef)}-${
          part === 'yaml' ? 'change.yaml' : 'change.md'
        }`,
        new Blob([change[part]], {
          type: part === 'yaml' ? 'application/yaml' : 'text/markdown',
        }),
      );
    } catch (error) {
      setFailure(toError(error));
    }
  };
  return (
    <li className={styles.cluster}>
      <div className={styles.clusterHead}>
        <span>
          <b>{proposal.title}</b>{' '}
          <StatusMark
            status={proposal.status}
            tone={TONES[proposal.status]}
            label={t(`proposals.statuses.${proposal.status}`)}
          />
          {draftedBy && (
            <span className={layout.below}>
              {t('proposals.draft.label')} <EntityLink entityRef={draftedBy} />
            </span>
          )}
          {proposal.reason && (
            <span className={layout.below}>{proposal.reason}</span>
          )}
          <span className={layout.below}>
            <EntityLink entityRef={createdBy} />,{' '}
            <RelativeTime value={createdAt} />
            {closedBy && (
              <>
                {'; '}
                <EntityLink entityRef={closedBy} />,{' '}
                <RelativeTime value={closedAt} />
                {note && `: ${note}`}
              </>
            )}
          </span>
          {evaluationId && <Evaluated evaluationId={evaluationId} />}
        </span>
        <span className={layout.actions}>
          {mayManage && proposal.status === 'open' && (
            <>
              <Button
                size="small"
                variant="secondary"
                onPress={() => setDialog('evaluate')}
              >
                {t('proposals.evaluate')}
              </Button>
              <Button
                size="small"
                variant="secondary"
                onPress={() => setDialog('close')}
              >
                {t('proposals.close')}
              </Button>
            </>
          )}
          <Button size="small" variant="secondary" onPress={() => save('yaml')}>
            {t('proposals.yaml')}
          </Button>
          <Button
            size="small"
            variant="secondary"
            onPress={() => save('pullRequest')}
          >
            {t('proposals.pullRequest')}
          </Button>
        </span>
      </div>
      {candidate.instructions && (
        <details className={layout.asTable}>
          <summary>
            <span>{t('proposals.instructions')}</span>
          </summary>
          <p className={styles.instructions}>{candidate.instructions}</p>
        </details>
      )}
      <details className={layout.asTable}>
        <summary>
          <span>{t('proposals.behind')}</span>
        </summary>
        <ul className={styles.failures}>
          {proposal.cause.failures.map(each => (
            <li key={`${each.at} ${each.runId} ${each.caseId}`}>
              <FailureLink failure={each} />
            </li>
          ))}
        </ul>
      </details>
      {failure && (
        <ErrorPanel title={t('proposals.changeFailure')} error={failure} />
      )}
      {dialog === 'evaluate' && (
        <EvaluateProposalDialog
          proposal={proposal}
          onDone={onChanged}
          onClose={closeDialog}
        />
      )}
      {dialog === 'close' && (
        <CloseDialog
          proposal={proposal}
          onDone={onChanged}
          onClose={closeDialog}
        />
      )}
    </li>
  );
}

/** Changes that people propose, the newest first; nothing where there are none. */
export function ProposalList(props: { agentRef: string; mayManage: boolean }) {
  const { agentRef, mayManage } = props;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const { error, reload, value } = useLoad(`proposals ${agentRef}`, signal =>
    api.listProposals({ agentRef, limit: SHOWN }, { signal }),
  );
  if (error && !value) {
    return (
      <ErrorPanel
        title={t('proposals.listError')}
        error={error}
        onRetry={reload}
      />
    );
  }
  if (!value || value.items.length === 0) {
    return null;
  }
  return (
    <>
      <h4 className={styles.heading}>{t('proposals.list')}</h4>
      <ol className={styles.clusters}>
        {value.items.map(proposal => (
          <ProposalItem
            key={proposal.id}
            proposal={proposal}
            mayManage={mayManage}
            onChanged={reload}
          />
        ))}
      </ol>
      {value.nextCursor && (
        <p className={layout.quiet}>{t('proposals.older')}</p>
      )}
    </>
  );
}
