import {
  RelativeTime,
  RiskBadge,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import {
  describeEntry,
  type AuditEntry,
} from '@agentportal/plugin-governance-common';
import { memo } from 'react';
import { OUTCOMES, TYPES } from './auditWords';
import { EntrySentence } from './EntrySentence';
import styles from './entries.module.css';

// A page that grows does not draw again what is there.
const EntryRow = memo(function Row(props: {
  entry: AuditEntry;
  isSelected: boolean;
  onSelect(id: string): void;
}) {
  const { entry, isSelected, onSelect } = props;
  // Why, and by which rules, is what one opens the entry for.
  const short = describeEntry({ ...entry, reason: undefined, ruleIds: [] });
  return (
    <tr data-selected={isSelected} onClick={() => onSelect(entry.id)}>
      <td className={styles.when}>
        <RelativeTime value={entry.time} />
      </td>
      <td>
        <button
          type="button"
          className={styles.sentence}
          aria-current={isSelected || undefined}
        >
          <EntrySentence text={short} />
        </button>
        {entry.reason && (
          <div className={styles.reason}>
            <EntrySentence text={entry.reason} />
          </div>
        )}
      </td>
      <td data-wide-only className={styles.when}>
        {TYPES[entry.type]}{' '}
        {entry.riskTier && <RiskBadge tier={entry.riskTier} />}
      </td>
      <td className={styles.when}>
        <StatusMark status={entry.outcome} {...OUTCOMES[entry.outcome]} />
      </td>
    </tr>
  );
});

interface EntryTableProps {
  entries: AuditEntry[];
  selected: string;
  onSelect(id: string): void;
}

/** Entries, a sentence each; the newest first. */
export function EntryTable({ entries, selected, onSelect }: EntryTableProps) {
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What happened</th>
            <th scope="col" data-wide-only>
              Type
            </th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(entry => (
            <EntryRow
              key={entry.id}
              entry={entry}
              isSelected={entry.id === selected}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
