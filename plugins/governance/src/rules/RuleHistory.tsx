import type { RuleTextVersionPage } from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  PagedTable,
  RelativeTime,
  StatusMark,
  usePages,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { governanceTranslationRef } from '../translation';
import { ruleTextsApiRef } from '../api/ruleTextsApiRef';
import { MODES } from './ruleWords';
import styles from './rules.module.css';

const COLUMNS = [
  { label: 'Version' },
  { label: 'When' },
  { label: 'Who' },
  { label: 'Why' },
  { label: 'State' },
  { label: 'Actions', isUnseen: true },
];

type Version = RuleTextVersionPage['items'][number];

/** What a text was before, who changed it and why; an old text can be taken up again. */
export function RuleHistory(props: {
  name: string;
  text: string;
  onTake(text: string): void;
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { name, onTake, text } = props;
  const api = useApi(ruleTextsApiRef);
  const versions = usePages<Version>(`versions ${name}`, (cursor, signal) =>
    api.listRuleTextVersions(
      name,
      { limit: 10, ...(cursor && { cursor }) },
      { signal },
    ),
  );
  return (
    <section aria-label={t('ruleHistory.history')} className={styles.trial}>
      <h3 className={styles.name}>{t('ruleHistory.history')}</h3>
      <PagedTable
        pages={versions}
        columns={COLUMNS}
        isFramed
        failure={t('ruleHistory.whatItWasBeforeCould')}
        safe={t('ruleHistory.itIsKept')}
        empty={t('ruleHistory.thereIsNone')}
        row={version => (
          <tr key={version.version}>
            <td>{version.version}</td>
            <td>
              <RelativeTime value={version.changedAt} />
            </td>
            <td>
              <EntityLink entityRef={version.changedBy} />
            </td>
            <td>{version.comment}</td>
            <td>
              <StatusMark status={version.mode} {...MODES[version.mode]} />
            </td>
            <td>
              {version.text !== text && (
                <Button
                  size="small"
                  variant="secondary"
                  aria-label={`Take the text of version ${version.version}`}
                  onPress={() => onTake(version.text)}
                >
                  {t('ruleHistory.takeItsText')}
                </Button>
              )}
            </td>
          </tr>
        )}
      />
    </section>
  );
}
