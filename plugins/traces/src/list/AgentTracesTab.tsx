import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { FilteredTraces } from './FilteredTraces';
import styles from './list.module.css';

/** The traces of one agent. */
export function AgentTracesTab() {
  const { entity } = useEntity();
  return (
    <div className={styles.page}>
      <FilteredTraces agentRef={stringifyEntityRef(entity)} />
    </div>
  );
}
