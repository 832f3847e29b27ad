import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { TracesView } from './TracesView';
import styles from './list.module.css';

/** The traces of one agent, or how the agents of a group, person, system or domain did. */
export function EntityTracesTab() {
  const { entity } = useEntity();
  const ref = stringifyEntityRef(entity);
  return (
    <div className={styles.page}>
      {entity.kind.toLocaleLowerCase('en-US') === 'agent' ? (
        <TracesView agentRef={ref} first="list" />
      ) : (
        <TracesView withinRef={ref} first="overview" />
      )}
    </div>
  );
}
