import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ApprovalListItem } from '@agentportal/plugin-agents-common';
import {
  AgentAvatar,
  ApprovalStatusMark,
  RelativeTime,
  RiskBadge,
  Sentence,
  type Titles,
} from '@agentportal/plugin-agents-react';
import { useEffect, useRef } from 'react';
import { agentsTranslationRef } from '../translation';
import { KINDS, isBulkSafe } from './approvalWords';
import styles from './approvals.module.css';

function Row(props: {
  item: ApprovalListItem;
  titles: Titles;
  isChosen: boolean;
  isPicked: boolean;
  withPicks: boolean;
  onChoose(): void;
  onPick(isPicked: boolean): void;
}) {
  const { isChosen, isPicked, item, titles } = props;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView?.({ block: 'nearest' });
  }, [isChosen]);
  const isOpen = item.status === 'pending';
  return (
    <li ref={row} className={styles.row} data-chosen={isChosen}>
      {props.withPicks && (
        <input
          type="checkbox"
          aria-label={`Choose: ${item.title}`}
          title={
            isBulkSafe(item)
              ? undefined
              : 'To be looked at by itself: it reaches beyond our own systems, or is not yours alone to decide.'
          }
          disabled={!isBulkSafe(item)}
          checked={isPicked}
          onChange={event => props.onPick(event.target.checked)}
        />
      )}
      <AgentAvatar name={item.agentRef ?? item.requestedBy} size="small" />
      <div className={styles.rowText}>
        <button
          type="button"
          className={styles.rowTitle}
          aria-current={isChosen || undefined}
          onClick={props.onChoose}
        >
          <Sentence text={item.title} titles={titles} plain />
        </button>
        <div className={styles.rowMeta}>
          <ApprovalStatusMark approval={item} />
          {item.kind === 'tool-call' ? (
            item.riskTier && <RiskBadge tier={item.riskTier} />
          ) : (
            <span>{KINDS[item.kind]}</span>
          )}
          <span>
            {isOpen ? 'due ' : ''}
            <RelativeTime
              value={isOpen ? item.expiresAt : item.decidedAt ?? item.expiresAt}
            />
          </span>
        </div>
      </div>
    </li>
  );
}

/** Requests as a list to walk through. */
export function ApprovalList(props: {
  items: readonly ApprovalListItem[];
  titles: Titles;
  chosenId: string | undefined;
  picked: ReadonlySet<string>;
  onChoose(id: string): void;
  onPick(picked: ReadonlySet<string>): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { items, picked } = props;
  return (
    <ul className={styles.list} aria-label={t('approvalList.requests')}>
      {items.map(item => (
        <Row
          key={item.id}
          item={item}
          titles={props.titles}
          isChosen={item.id === props.chosenId}
          isPicked={picked.has(item.id)}
          withPicks={items.filter(isBulkSafe).length > 1}
          onChoose={() => props.onChoose(item.id)}
          onPick={isPicked => {
            const next = new Set(picked);
            if (isPicked) next.add(item.id);
            else next.delete(item.id);
            props.onPick(next);
          }}
        />
      ))}
    </ul>
  );
}
