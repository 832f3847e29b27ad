import type { FailureCluster } from '@agentportal/plugin-evals-common';
import { ConfirmDialog, EntityLink } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { evalsApiRef } from '../api/evalsApiRef';
import { evalsTranslationRef } from '../translation';
import { useKindWord } from './useKindWord';
import layout from '../layout/layout.module.css';

/** Has a model write a proposal, which costs and changes nothing. */
export function DraftDialog(props: {
  agentRef: string;
  cluster: FailureCluster;
  /** Entity ref of the model. */
  model: string;
  onMade: () => void;
  onClose: () => void;
}) {
  const { agentRef, cluster, model, onClose, onMade } = props;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const kindWord = useKindWord();
  return (
    <ConfirmDialog
      title={t('proposals.draft.title')}
      action={t('proposals.draft.action')}
      failure={t('proposals.draft.failure')}
      onConfirm={async () => {
        await api.draftProposal({ agentRef, clusterId: cluster.id });
        onMade();
        onClose();
      }}
      onClose={onClose}
    >
      <p className={layout.words}>
        {t('proposals.dialog.because', {
          count: cluster.count,
          kind: kindWord(cluster.kind),
        })}
      </p>
      <p className={layout.words}>
        {t('proposals.draft.by')} <EntityLink entityRef={model} />
      </p>
      <p className={layout.quiet}>{t('proposals.draft.says')}</p>
    </ConfirmDialog>
  );
}
