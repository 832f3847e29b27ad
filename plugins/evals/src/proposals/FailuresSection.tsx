import type { FailureCluster } from '@agentportal/plugin-evals-common';
import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  Sentence,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { Section } from '../layout/Section';
import { evalsTranslationRef } from '../translation';
import { DraftDialog } from './DraftDialog';
import { FailureLink } from './FailureLink';
import { ProposalList } from './ProposalList';
import { ProposeDialog } from './ProposeDialog';
import { useKindWord } from './useKindWord';
import layout from '../layout/layout.module.css';
import styles from './proposals.module.css';

const SHOWN = 10;

function ClusterItem(props: {
  cluster: FailureCluster;
  mayManage: boolean;
  onPropose: () => void;
  /** Absent where no model drafts changes. */
  onDraft?: () => void;
}) {
  const { cluster, mayManage, onDraft, onPropose } = props;
  const { count, failures, kind, words } = cluster;
  const { t } = useTranslationRef(evalsTranslationRef);
  const kindWord = useKindWord();
  return (
    <li className={styles.cluster}>
      <div className={styles.clusterHead}>
        <span>
          <b>{t('proposals.times', { count })}</b> {kindWord(kind)}
          {words.length > 0 && (
            <span className={layout.below}>{words.join(', ')}</span>
          )}
        </span>
        {mayManage && (
          <span className={layout.actions}>
            {onDraft && (
              <Button size="small" variant="secondary" onPress={onDraft}>
                {t('proposals.draft.button')}
              </Button>
            )}
            <Button size="small" variant="secondary" onPress={onPropose}>
              {t('proposals.propose')}
            </Button>
          </span>
        )}
      </div>
      <details className={layout.asTable}>
        <summary>
          <span>{t('proposals.behind')}</span>
        </summary>
        <ul className={styles.failures}>
          {failures.slice(0, SHOWN).map(failure => (
            <li
              key={`${failure.evaluationId} ${failure.caseId} ${failure.runId} ${failure.reviewId}`}
            >
              {failure.text && <p className={layout.words}>{failure.text}</p>}
              <FailureLink failure={failure} />
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

/** What the agent does wrong, the most frequent first, and what people propose against it. */
export function FailuresSection({ agentRef }: { agentRef: string }) {
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const mayManage = useMayManage(agentRef);
  const [cluster, setCluster] = useState<FailureCluster>();
  const [drafted, setDrafted] = useState<FailureCluster>();
  const [made, setMade] = useState(0);
  const { error, reload, value } = useLoad(`failures ${agentRef}`, signal =>
    api.listFailureClusters(agentRef, { signal }),
  );
  let content = <RowsSkeleton rows={3} />;
  if (error && !value) {
    content = (
      <ErrorPanel title={t('proposals.error')} error={error} onRetry={reload} />
    );
  } else if (value && value.items.length === 0) {
    content = (
      <EmptyHint title={t('proposals.none')} compact>
        {t('proposals.noneHint', { days: `${value.days}` })}
      </EmptyHint>
    );
  } else if (value) {
    content = (
      <>
        <p className={layout.quiet}>
          {t('proposals.looked', {
            failures: `${value.failures}`,
            days: `${value.days}`,
          })}
        </p>
        {mayManage && (
          <p className={layout.quiet}>
            <Sentence text={value.drafts.sentence} />
          </p>
        )}
        <ol className={styles.clusters}>
          {value.items.slice(0, SHOWN).map(each => (
            <ClusterItem
              key={each.id}
              cluster={each}
              mayManage={mayManage}
              onPropose={() => setCluster(each)}
              onDraft={value.drafts.model ? () => setDrafted(each) : undefined}
            />
          ))}
        </ol>
        {value.items.length > SHOWN && (
          <p className={layout.quiet}>
            {t('proposals.more', { more: `${value.items.length - SHOWN}` })}
          </p>
        )}
      </>
    );
  }
  return (
    <Section title={t('proposals.title')}>
      {content}
      <ProposalList key={made} agentRef={agentRef} mayManage={mayManage} />
      {cluster && (
        <ProposeDialog
          agentRef={agentRef}
          cluster={cluster}
          onMade={() => setMade(made + 1)}
          onClose={() => setCluster(undefined)}
        />
      )}
      {drafted && value?.drafts.model && (
        <DraftDialog
          agentRef={agentRef}
          cluster={drafted}
          model={value.drafts.model}
          onMade={() => setMade(made + 1)}
          onClose={() => setDrafted(undefined)}
        />
      )}
    </Section>
  );
}
