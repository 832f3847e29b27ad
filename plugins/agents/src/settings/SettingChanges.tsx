import type { AgentSettings } from '@agentportal/plugin-agents-common';
import { ChangedWords, EntityLink } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsTranslationRef } from '../translation';
import { changesOf } from './changesOf';
import styles from './settings.module.css';

function Item({ field, text }: { field: string; text: string }) {
  return field === 'tools' ? <EntityLink entityRef={text} /> : <>{text}</>;
}

function Words(props: { field: string; before: string; after: string }) {
  const { field, before, after } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  if (field === 'lifecycle') {
    const stageOf = (stage: string) =>
      t(`settings.stage.${stage as AgentSettings['lifecycle']}`);
    return (
      <p className={styles.words}>
        <del>{stageOf(before)}</del> <ins>{stageOf(after)}</ins>
      </p>
    );
  }
  return (
    <p className={styles.words}>
      <ChangedWords before={before} after={after} />
    </p>
  );
}

/** What would become different, field by field, before anybody decides. */
export function SettingChanges(props: {
  before: AgentSettings;
  after: AgentSettings;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  return (
    <dl className={styles.changes}>
      {changesOf(props.before, props.after).map(change => (
        <div key={change.field}>
          <dt>{t(`settings.field.${change.field}`)}</dt>
          <dd>
            {'added' in change ? (
              <ul className={styles.items}>
                {change.added.map(text => (
                  <li key={text}>
                    <ins>
                      <Item field={change.field} text={text} />
                    </ins>
                  </li>
                ))}
                {change.removed.map(text => (
                  <li key={text}>
                    <del>
                      <Item field={change.field} text={text} />
                    </del>
                  </li>
                ))}
              </ul>
            ) : (
              <Words {...change} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
