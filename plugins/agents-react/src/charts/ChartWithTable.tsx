import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useId, useState, type ReactNode } from 'react';
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { agentsReactTranslationRef } from '../translation';
import styles from './charts.module.css';

/**
 * A column of the table behind a chart.
 *
 * @public
 */
export interface ChartTableColumn {
  id: string;
  label: string;
  /** Numbers go to the right; left unless told. */
  align?: 'left' | 'right';
}

/**
 * Props of {@link ChartWithTable}.
 *
 * @public
 */
export interface ChartWithTableProps {
  title: string;
  /** What the chart says, in a sentence. */
  description?: string;
  columns: readonly ChartTableColumn[];
  /** One record per row; cells are looked up by column id. */
  rows: ReadonlyArray<Record<string, ReactNode>>;
  /** The chart. */
  children: ReactNode;
  /** Switches beside the view switch, such as "by owner". */
  actions?: ReactNode;
  /** Height that chart and table share, so that switching moves nothing; 280 px unless told. */
  height?: number;
}

/**
 * A chart that can also be read as a table.
 *
 * @public
 */
export function ChartWithTable(props: ChartWithTableProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const {
    title,
    description,
    columns,
    rows,
    children,
    actions,
    height = 280,
  } = props;
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const titleId = useId();
  return (
    <section className={styles.chart} aria-labelledby={titleId}>
      <div className={styles.chartHead}>
        <div>
          <h3 id={titleId} className={styles.chartTitle}>
            {title}
          </h3>
          {description && (
            <p className={styles.chartDescription}>{description}</p>
          )}
        </div>
        <div className={styles.chartActions}>
          {actions}
          <ToggleButtonGroup
            aria-label={`View of ${title}`}
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[view]}
            onSelectionChange={keys =>
              setView([...keys][0] === 'table' ? 'table' : 'chart')
            }
          >
            <ToggleButton id="chart" size="small">
              {t('chartWithTable.chart')}
            </ToggleButton>
            <ToggleButton id="table" size="small">
              {t('chartWithTable.table')}
            </ToggleButton>
          </ToggleButtonGroup>
        </div>
      </div>
      {view === 'chart' ? (
        <div style={{ height }}>{children}</div>
      ) : (
        <div className={styles.chartTableFrame} style={{ height }}>
          <table className={styles.chartTable}>
            <thead>
              <tr>
                {columns.map(column => (
                  <th key={column.id} scope="col" data-align={column.align}>
                    {column.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                // Rows come without ids and are never reordered in place.
                // eslint-disable-next-line react/no-array-index-key
                <tr key={index}>
                  {columns.map(column => (
                    <td key={column.id} data-align={column.align}>
                      {row[column.id]}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
