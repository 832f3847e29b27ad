import type { ScorecardCheck } from '@agentportal/plugin-evals-common';
import {
  RelativeTime,
  RowTable,
  Sentence,
} from '@agentportal/plugin-agents-react';
import {
  useAppLocation,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { evalsTranslationRef } from '../translation';
import { IntervalBar } from '../figures/IntervalBar';
import { formatValue } from '../figures/units';
import { EvidenceLink } from '../layout/EvidenceLink';
import { Section } from '../layout/Section';
import { CheckMark } from '../levels/CheckMark';
import { LEVELS, LevelMark } from '../levels/LevelMark';
import layout from '../layout/layout.module.css';
import styles from './scorecard.module.css';

const TONES = { passed: 'good', failed: 'bad' } as const;

function toneOf({ status }: ScorecardCheck): 'good' | 'bad' | undefined {
  return status === 'passed' || status === 'failed' ? TONES[status] : undefined;
}

function CheckRow({
  check,
  isHere,
}: {
  check: ScorecardCheck;
  isHere: boolean;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { target, unit } = check;
  return (
    <tr data-here={isHere || undefined}>
      <td>
        <CheckMark status={check.status} />
      </td>
      <th scope="row" className={styles.check}>
        {check.title}
        <span className={layout.below}>{check.why}</span>
      </th>
      <td>
        <Sentence text={check.sentence} />
        {check.fix && check.status !== 'passed' && (
          <span className={layout.below}>
            <Sentence text={check.fix} />
          </span>
        )}
      </td>
      <td data-wide-only>
        {unit && (
          <IntervalBar
            label={check.title}
            unit={unit}
            value={check.value}
            low={check.low}
            high={check.high}
            target={target}
            tone={toneOf(check)}
          />
        )}
        {unit && target !== undefined && (
          <span className={layout.below}>
            target {formatValue(target, unit)}
          </span>
        )}
      </td>
      <td className={layout.nowrap}>
        <RelativeTime value={check.evidenceAt} fallback="–" />
        {check.link && (
          <span className={layout.below}>
            <EvidenceLink path={check.link}>
              {t('checks.evidence')}
            </EvidenceLink>
          </span>
        )}
      </td>
    </tr>
  );
}

/** Every check by its level: what was found against what is asked for. */
export function Checks({ checks }: { checks: readonly ScorecardCheck[] }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { search } = useAppLocation();
  const here = new URLSearchParams(search).get('check');
  const levels = LEVELS.filter(level =>
    checks.some(check => check.level === level),
  );
  return (
    <Section title={t('checks.checks')}>
      {levels.map(level => (
        <div key={level} className={styles.levelPart}>
          <h4 className={styles.levelTitle}>
            <LevelMark level={level} />
          </h4>
          <RowTable
            columns={[
              { label: 'Result' },
              { label: 'Check' },
              { label: 'What was found' },
              { label: 'Against the target', isWideOnly: true },
              { label: 'Evidence' },
            ]}
          >
            {checks
              .filter(check => check.level === level)
              .map(check => (
                <CheckRow
                  key={check.id}
                  check={check}
                  isHere={check.id === here}
                />
              ))}
          </RowTable>
        </div>
      ))}
    </Section>
  );
}
