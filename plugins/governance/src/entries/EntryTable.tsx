import {
  RelativeTime,
  RiskBadge,
  RowTable,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import {
  describeEntry,
  type AuditEntry,
} from '@agentportal/plugin-governance-common';
import { useMemo, useState, type ReactNode } from 'react';
import { outcomeOf, TYPES } from './auditWords';
import { EntrySentence } from './EntrySentence';
import { foldEntries, type EntryGroup } from './foldEntries';
import styles from './entries.module.css';

const COLUMNS = [
  { label: 'When' },
  { label: 'What happened' },
  { label: 'Type', isWideOnly: true },
  { label: 'Outcome' },
];

function EntryRow(props: {
  entry: AuditEntry;
  isSelected: boolean;
  onSelect(id: string): void;
  /** It belongs to the row above it. */
  isInner?: boolean;
  /** The way to what is laid together with it. */
  more?: ReactNode;
}) {
  const { entry, isInner, isSelected, onSelect } = props;
  // Why, and by which rules, is what one opens the entry for.
  const short = describeEntry({ ...entry, reason: undefined, ruleIds: [] });
  return (
    <tr
      className={styles.row}
      data-selected={isSelected}
      data-inner={isInner}
      onClick={() => onSelect(entry.id)}
    >
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
        {props.more}
      </td>
      <td data-wide-only className={styles.when}>
        {TYPES[entry.type]}{' '}
        {entry.riskTier && <RiskBadge tier={entry.riskTier} />}
      </td>
      <td className={styles.when}>
        <StatusMark {...outcomeOf(entry)} />
      </td>
    </tr>
  );
}

function GroupRows(props: {
  group: EntryGroup;
  selected: string;
  onSelect(id: string): void;
}) {
  const { onSelect, selected } = props;
  const { isOneRun, lead, others } = props.group;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <EntryRow
        entry={lead}
        isSelected={lead.id === selected}
        onSelect={onSelect}
        more={
          others.length > 0 && (
            <button
              type="button"
              className={styles.others}
              aria-expanded={isOpen}
              onClick={event => {
                // It is in a row that opens the entry.
                event.stopPropagation();
                setOpen(!isOpen);
              }}
            >
              {isOpen ? 'Fewer' : `${others.length} more`}{' '}
              {isOneRun ? 'of this run' : 'like it'}
            </button>
          )
        }
      />
      {isOpen &&
        others.map(entry => (
          <EntryRow
            key={entry.id}
            entry={entry}
            isSelected={entry.id === selected}
            onSelect={onSelect}
            isInner
          />
        ))}
    </>
  );
}

interface EntryTableProps {
  entries: AuditEntry[];
  selected: string;
  onSelect(id: string): void;
  /** Whether entries that belong together are laid together; not where one looks for some. */
  isFolded: boolean;
}

/** Entries, a sentence each; the newest first. */
export function EntryTable(props: EntryTableProps) {
  const { entries, isFolded, onSelect, selected } = props;
  const groups = useMemo(
    () =>
      isFolded
        ? foldEntries(entries)
        : entries.map(lead => ({
            id: lead.id,
            lead,
            others: [],
            isOneRun: false,
          })),
    [entries, isFolded],
  );
  return (
    <RowTable columns={COLUMNS} isFramed>
      {groups.map(group => (
        <GroupRows
          key={group.id}
          group={group}
          selected={selected}
          onSelect={onSelect}
        />
      ))}
    </RowTable>
  );
}
