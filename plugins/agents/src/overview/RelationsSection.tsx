import {
  RELATION_DELEGATED_FROM,
  RELATION_DELEGATES_TO,
  RELATION_PROVIDED_BY,
  RELATION_PROVIDES_TOOL,
  RELATION_SPONSORED_BY,
  RELATION_SPONSOR_OF,
} from '@agentportal/plugin-agents-common';
import { getCompoundEntityRef, type Entity } from '@backstage/catalog-model';
import {
  ALL_RELATION_PAIRS,
  Direction,
  EntityRelationsGraph,
} from '@backstage/plugin-catalog-graph';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  useAppNavigate,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { agentsTranslationRef } from '../translation';
import { RelationLabel } from './RelationLabel';
import { RelationNode } from './RelationNode';
import { Section } from './Section';
import styles from './overview.module.css';

/** Sponsors and owners are facts of their own; the graph is about what breaks what. */
const RELATIONS = [
  'dependsOn',
  'dependencyOf',
  RELATION_DELEGATES_TO,
  RELATION_DELEGATED_FROM,
  RELATION_PROVIDED_BY,
  RELATION_PROVIDES_TOOL,
];

const PAIRS: [string, string][] = [
  ...ALL_RELATION_PAIRS,
  [RELATION_DELEGATES_TO, RELATION_DELEGATED_FROM],
  [RELATION_PROVIDED_BY, RELATION_PROVIDES_TOOL],
  [RELATION_SPONSORED_BY, RELATION_SPONSOR_OF],
];

const OUTGOING = ['dependsOn', RELATION_DELEGATES_TO, RELATION_PROVIDED_BY];

/** How many nodes the graph has to the right and to the left of the entity. */
function countSides(entity: Entity): { out: number; in: number } {
  const relations = (entity.relations ?? []).filter(({ type }) =>
    RELATIONS.includes(type),
  );
  const out = relations.filter(({ type }) => OUTGOING.includes(type)).length;
  return { out, in: relations.length - out };
}

/** Room for each node at full size, within reason; beyond it the graph scales. */
function heightFor(nodes: number): number {
  return Math.min(560, Math.max(180, nodes * 84));
}

/** What the entity depends on and what depends on it, one step each way. */
export function RelationsSection(props: { entity: Entity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { entity } = props;
  const navigate = useAppNavigate();
  const entityLink = useEntityRefLink();
  const counts = countSides(entity);
  const isEmpty = counts.out + counts.in === 0;
  return (
    <Section title={t('relationsSection.whatItDependsOnAnd')}>
      {isEmpty ? (
        <p className={styles.quiet}>
          {t('relationsSection.nothingOnRecordItUses')}
        </p>
      ) : (
        <div style={{ height: heightFor(Math.max(counts.out, counts.in)) }}>
          <EntityRelationsGraph
            className={styles.graph}
            rootEntityNames={getCompoundEntityRef(entity)}
            maxDepth={1}
            unidirectional
            mergeRelations
            relations={RELATIONS}
            relationPairs={PAIRS}
            direction={Direction.LEFT_RIGHT}
            curve="curveMonotoneX"
            zoom="enable-on-click"
            allowFullscreen
            renderNode={RelationNode}
            renderLabel={RelationLabel}
            onNodeClick={node => navigate(entityLink(node.entity))}
          />
        </div>
      )}
    </Section>
  );
}
