import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { AgentAvatar } from '../identity';
import { EntityHoverCard } from './EntityHoverCard';
import styles from './entities.module.css';

/**
 * Props of {@link EntityLink}.
 *
 * @public
 */
export interface EntityLinkProps {
  /** Full entity ref; `group:default/claims`. */
  entityRef: string;
  /** Text of the link; the entity's title unless told. */
  title?: string;
  /** Shows an agent's face before its name; off unless told. */
  withAvatar?: boolean;
}

/**
 * A link to an entity's page with a card on hover. Text that is no entity ref is
 * shown as it is, because a broken ref must not break a page.
 *
 * @public
 */
export function EntityLink(props: EntityLinkProps) {
  const { entityRef, title, withAvatar } = props;
  let fullRef: string;
  let isAgent: boolean;
  try {
    const parsed = parseEntityRef(entityRef, { defaultNamespace: 'default' });
    fullRef = stringifyEntityRef(parsed);
    isAgent = parsed.kind.toLocaleLowerCase('en-US') === 'agent';
  } catch {
    return <span>{title ?? entityRef}</span>;
  }
  return (
    <span className={styles.link}>
      {withAvatar && isAgent && <AgentAvatar name={fullRef} size="x-small" />}
      <EntityHoverCard entityRef={fullRef}>
        <EntityRefLink entityRef={fullRef} hideIcon disableTooltip>
          {title}
        </EntityRefLink>
      </EntityHoverCard>
    </span>
  );
}
