import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Approval } from '@agentportal/plugin-agents-common';
import {
  ChangedWords,
  EntityLink,
  RiskBadge,
} from '@agentportal/plugin-agents-react';
import { agentsTranslationRef } from '../translation';
import styles from './approvals.module.css';

type Change = NonNullable<Approval['changes']>[number];

const FIELDS: Record<string, string> = {
  dataClassification: 'data it may see',
  handoffs: 'agents it may hand work to',
  'monthly budget': 'what a month may cost',
  modelSettings: 'settings of the model',
  outputSchema: 'form of its answers',
  owner: 'who owns it and decides about its calls',
  rules: 'rules that forbid it calls',
};
/** Of lists whose items are entities. */
const REFS = ['tools', 'knowledge', 'handoffs', 'skills'];

function Item({ field, text }: { field: string; text: string }) {
  return REFS.includes(field) ? (
    <EntityLink entityRef={text} />
  ) : (
    <code>{text}</code>
  );
}

function Words({ before = '', after = '' }: Change) {
  return (
    <span className={styles.diff}>
      <ChangedWords before={before} after={after} />
    </span>
  );
}

/** What an agent would become: what it gains, what it loses, and which words change. */
export function Changes({ approval }: { approval: Approval }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  return (
    <dl className={styles.arguments}>
      {approval.changes!.map(change => {
        const { field, added, after, removed } = change;
        return (
          <div key={field}>
            <dt>{FIELDS[field] ?? field}</dt>
            <dd>
              {!added && !removed && after === undefined && (
                <p>{t('changes.noneButBefore')}</p>
              )}
              {!added && !removed && <Words {...change} />}
              {added?.map(({ text, riskTier }) => (
                <p key={text} className={styles.diff}>
                  <ins>
                    more: <Item field={field} text={text} />
                  </ins>{' '}
                  {riskTier && <RiskBadge tier={riskTier} />}
                </p>
              ))}
              {removed?.map(text => (
                <p key={text} className={styles.diff}>
                  <del>
                    <Item field={field} text={text} />
                  </del>
                </p>
              ))}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
