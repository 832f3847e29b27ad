import type { ReactNode } from 'react';
import styles from './table.module.css';

/**
 * A column of a table.
 *
 * @public
 */
export interface TableColumn {
  label: string;
  /** Left out where there is little room; its cells carry `data-wide-only`. */
  isWideOnly?: boolean;
  /** Read to those who hear the page, and not shown: of a column of buttons. */
  isUnseen?: boolean;
}

/**
 * Props of {@link RowTable}.
 *
 * @public
 */
export interface RowTableProps {
  columns: readonly TableColumn[];
  /** Whether it has a border of its own; one in a card has none. */
  isFramed?: boolean;
  /** Rows, `<tr>` each. */
  children: ReactNode;
}

/**
 * A table of text that stays within its place: what a narrow one has no room for is left out, the rest scrolls.
 *
 * @public
 */
export function RowTable({ children, columns, isFramed }: RowTableProps) {
  return (
    <div className={styles.place} data-framed={isFramed || undefined}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map(({ isUnseen, isWideOnly, label }) => (
              <th
                key={label}
                scope="col"
                data-wide-only={isWideOnly || undefined}
                aria-label={isUnseen ? label : undefined}
              >
                {!isUnseen && label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
