import { AgentAvatar } from '@agentportal/plugin-agents-react';
import { MarkdownContent } from '@backstage/core-components';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ScaffolderTaskOutput } from '@backstage/plugin-scaffolder-react';
import { ButtonLink } from '@backstage/ui';
import { scaffolderAgentsTranslationRef } from '../translation';
import styles from './created.module.css';

/**
 * What there is once a golden path has ended: the agent by its face and name, and what to do first, which is the
 * first link of the template. Where it was not told which agent, links and texts are shown all the same.
 */
export function AgentCreated(props: { output?: ScaffolderTaskOutput }) {
  const { t } = useTranslationRef(scaffolderAgentsTranslationRef);
  const { output } = props;
  if (!output) return null;
  const { agentRef, title } = output;
  const links = (output.links ?? []).filter(({ url }) => url);
  const texts = output.text ?? [];
  return (
    <section className={styles.created} aria-label={t('created.label')}>
      {typeof agentRef === 'string' && (
        <div className={styles.head}>
          <AgentAvatar name={agentRef} size="large" />
          <h2 className={styles.title}>
            {t('created.title', { title: String(title ?? agentRef) })}
          </h2>
        </div>
      )}
      <div className={styles.links}>
        {links.map((link, index) => (
          <ButtonLink
            key={link.url}
            href={link.url!}
            variant={index === 0 ? 'primary' : 'secondary'}
          >
            {link.title ?? link.url}
          </ButtonLink>
        ))}
      </div>
      {texts.map(text => (
        <div key={text.title} className={styles.text}>
          <h3 className={styles.about}>{text.title}</h3>
          <MarkdownContent content={text.content ?? ''} />
        </div>
      ))}
    </section>
  );
}
