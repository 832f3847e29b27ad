import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Fragment } from 'react';
import type { EntityContentLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { agentsTranslationRef } from '../translation';
import styles from './overview.module.css';

/**
 * Cards that the catalog and other plugins offer for an entity. Ours say the
 * same in fewer words, so theirs wait folded; nothing that an adopter installed
 * is lost.
 */
export function CatalogCards(props: EntityContentLayoutProps) {
  const { t } = useTranslationRef(agentsTranslationRef);
  if (props.cards.length === 0) {
    return null;
  }
  return (
    <details className={styles.details}>
      <summary>{t('catalogCards.moreFromTheCatalog')}</summary>
      <div>
        {props.cards.map((card, index) => (
          // Cards have no identity but their place.
          // eslint-disable-next-line react/no-array-index-key
          <Fragment key={index}>{card.element}</Fragment>
        ))}
      </div>
    </details>
  );
}
