import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { DateTime } from 'luxon';
import { agentsReactTranslationRef } from '../translation';
import { useNow } from './useNow';

/**
 * Props of {@link RelativeTime}.
 *
 * @public
 */
export interface RelativeTimeProps {
  /** ISO 8601 text or milliseconds since the epoch; taken as UTC when it names no zone. */
  value: string | number | undefined | null;
  /** Shown when there is no time; a dash unless told. */
  fallback?: string;
}

function parse(value: string | number, locale: string): DateTime {
  const time =
    typeof value === 'number'
      ? DateTime.fromMillis(value)
      : DateTime.fromISO(value, { zone: 'utc' }).toLocal();
  return time.setLocale(locale);
}

/** In seconds; a credential of 90 days says so, not "in 2 months". */
const UNITS = [
  { upTo: 3_570, unit: 'minutes' },
  { upTo: 84_600, unit: 'hours' },
  { upTo: 100 * 86_400, unit: 'days' },
  { upTo: 350 * 86_400, unit: 'months' },
  { upTo: Infinity, unit: 'years' },
] as const;

/**
 * A time as people say it ("5 minutes ago"), to the nearest; the absolute time with its zone
 * appears on hover and is what assistive technology and copying get.
 *
 * @public
 */
export function RelativeTime(props: RelativeTimeProps) {
  const { value, fallback = '–' } = props;
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const now = useNow();
  if (value === undefined || value === null || value === '') {
    return <>{fallback}</>;
  }
  const time = parse(value, t('time.locale'));
  if (!time.isValid) {
    return <>{fallback}</>;
  }
  // The shared clock ticks slowly: a time that is newer than it is "just now", never "in 3 seconds".
  const base = Math.max(now, Math.min(time.toMillis(), Date.now()));
  const seconds = Math.abs(base - time.toMillis()) / 1000;
  const text =
    seconds < 45
      ? t('time.justNow')
      : time.toRelative({
          base: DateTime.fromMillis(base),
          unit: UNITS.find(({ upTo }) => seconds < upTo)!.unit,
          rounding: 'round',
        }) ?? fallback;
  return (
    <time
      dateTime={time.toUTC().toISO() ?? undefined}
      title={time.toFormat(t('time.exact'))}
    >
      {text}
    </time>
  );
}
