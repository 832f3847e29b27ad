import type { MouseEvent } from 'react';
import { AgentAvatar } from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { DependencyGraphTypes } from '@backstage/core-components';
import type { EntityNode } from '@backstage/plugin-catalog-graph';
import styles from './RelationNode.module.css';

const WIDTH = 184;
const HEIGHT = 44;

/**
 * A node of the graph: a face for an agent, a word for other kinds. Its size is
 * fixed, because a graph that measures its text first moves under the pointer.
 */
export function RelationNode({
  node,
}: DependencyGraphTypes.RenderNodeProps<EntityNode>) {
  const { entity, onClick, focused } = node;
  const ref = stringifyEntityRef(entity);
  const title = entity.metadata.title ?? entity.metadata.name;
  const isAgent = entity.kind.toLocaleLowerCase('en-US') === 'agent';
  const x = isAgent ? 44 : 12;
  return (
    <g
      className={styles.node}
      onClick={onClick}
      data-focused={focused}
      role="link"
      tabIndex={0}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          // The graph asks for a mouse event but looks at the node only.
          onClick?.(event as unknown as MouseEvent<SVGGElement>);
        }
      }}
      aria-label={`${title} ${entity.kind}`}
    >
      <rect className={styles.box} width={WIDTH} height={HEIGHT} rx="10" />
      {isAgent && (
        <g transform="translate(8 8)">
          <AgentAvatar name={ref} size="small" />
        </g>
      )}
      {/* Written whole in the page and cut only by sight, so that it is what the node is called. */}
      <foreignObject x={x} y="5" width={WIDTH - x - 8} height={HEIGHT - 8}>
        <div className={styles.title}>{title}</div>{' '}
        <div className={styles.kind}>{entity.kind}</div>
      </foreignObject>
      <title>{ref}</title>
    </g>
  );
}
