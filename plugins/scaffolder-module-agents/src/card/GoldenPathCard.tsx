import { EntityLink } from '@agentportal/plugin-agents-react';
import { RELATION_OWNED_BY, type Entity } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  getEntityRelations,
  useStarredEntity,
} from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { taskCreatePermission } from '@backstage/plugin-scaffolder-common/alpha';
import type { TemplateCardComponentProps } from '@backstage/plugin-scaffolder-react/alpha';
import { ButtonIcon, Link } from '@backstage/ui';
import {
  RiBox3Line,
  RiCalendarScheduleLine,
  RiChat3Line,
  RiStarFill,
  RiStarLine,
  RiTeamLine,
} from '@remixicon/react';
import { scaffolderAgentsTranslationRef } from '../translation';
import styles from './card.module.css';

/** What a template makes, one thing a line, as whoever wrote it puts it. */
const MAKES_ANNOTATION = 'agentportal.dev/makes';

/** Of the tags that a template may have; the first that it has decides. */
const ICONS = [
  ['chat', RiChat3Line],
  ['schedule', RiCalendarScheduleLine],
  ['workflow', RiTeamLine],
] as const;

/**
 * A golden path on the page of templates: what it makes, how much it asks and whose it is. Its title is the one
 * button, which the whole card belongs to; what else there is stays beside it, never in it.
 */
export function GoldenPathCard(props: TemplateCardComponentProps) {
  const { additionalLinks = [], onSelected, template } = props;
  const { t } = useTranslationRef(scaffolderAgentsTranslationRef);
  const { allowed, loading } = usePermission({
    permission: taskCreatePermission,
  });
  const { isStarredEntity, toggleStarredEntity } = useStarredEntity(template);
  const { annotations, description, name, tags = [] } = template.metadata;
  const title = template.metadata.title ?? name;
  const makes = linesOf(annotations?.[MAKES_ANNOTATION]);
  const [, Icon = RiBox3Line] = ICONS.find(([tag]) => tags.includes(tag)) ?? [];
  const links = [
    ...additionalLinks.map(({ text, url }) => ({ title: text, url })),
    ...(template.metadata.links ?? []),
  ];
  const isOpen = allowed && onSelected;
  return (
    <article className={styles.card} aria-label={title}>
      <div className={styles.head}>
        <span className={styles.icon} aria-hidden="true">
          <Icon size={20} />
        </span>
        <h3 className={styles.title}>
          {isOpen ? (
            <button
              type="button"
              className={styles.choose}
              onClick={() => onSelected()}
            >
              {title}
            </button>
          ) : (
            title
          )}
        </h3>
        <div className={styles.above}>
          <ButtonIcon
            size="small"
            variant="tertiary"
            aria-label={t(isStarredEntity ? 'card.unstar' : 'card.star', {
              title,
            })}
            icon={isStarredEntity ? <RiStarFill /> : <RiStarLine />}
            onPress={toggleStarredEntity}
          />
        </div>
      </div>
      <p className={styles.purpose}>{description}</p>
      {makes.length > 0 && (
        <div>
          <p className={styles.makes}>{t('card.makes')}</p>
          <ul className={styles.list}>
            {makes.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      {links.length > 0 && (
        <ul className={`${styles.links} ${styles.above}`}>
          {links.map(link => (
            <li key={link.url}>
              {/* Whoever registers a template writes it; this takes no scripts. */}
              <Link href={link.url}>{link.title ?? link.url}</Link>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.foot}>
        <span className={styles.above}>
          {ownersOf(template).map(owner => (
            <EntityLink key={owner} entityRef={owner} />
          ))}
        </span>
        <span>
          {!loading && !allowed
            ? t('card.notAllowed')
            : t('card.pages', { count: pagesOf(template) })}
        </span>
      </div>
    </article>
  );
}

function linesOf(text = ''): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
}

function ownersOf(template: Entity): string[] {
  return getEntityRelations(template, RELATION_OWNED_BY).map(
    ({ kind, namespace, name }) => `${kind}:${namespace}/${name}`,
  );
}

/** Of its form, and the one on which one looks at what was filled in. */
function pagesOf(template: TemplateCardComponentProps['template']): number {
  const { parameters } = template.spec;
  return 1 + (parameters ? [parameters].flat().length : 0);
}
