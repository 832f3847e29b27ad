import {
  RELATION_DELEGATED_FROM,
  RELATION_DELEGATES_TO,
  RELATION_PROVIDED_BY,
  RELATION_PROVIDES_TOOL,
} from '@agentportal/plugin-agents-common';
import type { DependencyGraphTypes } from '@backstage/core-components';
import type { EntityEdgeData } from '@backstage/plugin-catalog-graph';
import styles from './RelationNode.module.css';

const WORDS: Record<string, string> = {
  dependsOn: 'uses',
  dependencyOf: 'used by',
  [RELATION_DELEGATES_TO]: 'hands work to',
  [RELATION_DELEGATED_FROM]: 'takes work from',
  [RELATION_PROVIDED_BY]: 'served by',
  [RELATION_PROVIDES_TOOL]: 'serves',
};

/** A relation in words; one direction is enough. */
export function RelationLabel({
  edge,
}: DependencyGraphTypes.RenderLabelProps<
  DependencyGraphTypes.DependencyEdge<EntityEdgeData>
>) {
  const [relation] = edge.relations;
  return (
    <text className={styles.label} textAnchor="middle">
      {WORDS[relation] ?? relation}
    </text>
  );
}
