import {
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  Sentence,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type { LevelChangeList } from '@agentportal/plugin-evals-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { Section } from '../layout/Section';
import { LevelMark, levelWord } from '../levels/LevelMark';
import layout from '../layout/layout.module.css';
import styles from './scorecard.module.css';

type Change = LevelChangeList['items'][number];

const SHOWN = 25;

/** How long each level lasted, the oldest first, as shares of the whole time. */
function stretchesOf(changes: readonly Change[], now: number) {
  const oldestFirst = [...changes].reverse();
  const from = Date.parse(oldestFirst[0].at);
  const whole = Math.max(1, now - from);
  return oldestFirst.map((change, index) => {
    const next = oldestFirst[index + 1];
    const until = next ? Date.parse(next.at) : now;
    return { change, share: (until - Date.parse(change.at)) / whole };
  });
}

/** The levels over time, each change with its reasons. */
export function LevelHistory({ agentRef }: { agentRef: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const api = useApi(evalsApiRef);
  const { error, reload, value } = useLoad(agentRef, signal =>
    api.listLevelChanges({ agentRef, limit: SHOWN }, { signal }),
  );
  let content = <LinesSkeleton lines={2} />;
  if (error && !value) {
    content = (
      <ErrorPanel
        title={t('levelHistory.theLevelsBeforeCouldNot')}
        error={error}
        onRetry={reload}
      />
    );
  } else if (value && value.items.length === 0) {
    content = (
      <p className={layout.quiet}>{t('levelHistory.itsLevelHasNotChanged')}</p>
    );
  } else if (value) {
    content = (
      <>
        <div className={styles.strip} aria-hidden>
          {stretchesOf(value.items, Date.now()).map(({ change, share }) => (
            <span
              key={change.at}
              data-level={change.level}
              style={{ flexGrow: Math.max(share, 0.01) }}
              title={levelWord(change.level)}
            />
          ))}
        </div>
        <ol className={styles.changes}>
          {value.items.map(change => (
            <li key={change.at}>
              <LevelMark level={change.level} />
              <span className={layout.quiet}>
                <RelativeTime value={change.at} />
                {change.before &&
                  `, ${levelWord(change.before).toLocaleLowerCase(
                    'en-US',
                  )} before`}
              </span>
              <span className={styles.reasons}>
                <Sentence text={change.reasons.join(' ')} />
              </span>
            </li>
          ))}
        </ol>
        {value.nextCursor && (
          <p className={layout.quiet}>
            {t('levelHistory.olderChangesAreNotShown')}
          </p>
        )}
      </>
    );
  }
  return <Section title={t('levelHistory.levelsOverTime')}>{content}</Section>;
}
