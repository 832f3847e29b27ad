import { ForeignMarkdown } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { toolsTranslationRef } from '../translation';
import styles from './ToolDetail.module.css';

// About six lines; servers that write for models rather than people go far beyond.
const SHORT = 420;

/** What a server says about its tool, in its own words; long texts are folded. */
export function ToolDescription({ text }: { text: string }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const [open, setOpen] = useState(false);
  const folds = text.length > SHORT;
  return (
    <>
      <div
        className={
          folds && !open
            ? `${styles.description} ${styles.descriptionFolded}`
            : styles.description
        }
      >
        <ForeignMarkdown content={text} />
      </div>
      {folds && (
        <div className={styles.more}>
          <Button
            size="small"
            variant="tertiary"
            aria-expanded={open}
            onPress={() => setOpen(!open)}
          >
            {open
              ? t('toolDescription.showLess')
              : t('toolDescription.showAllOfIt')}
          </Button>
        </div>
      )}
    </>
  );
}
