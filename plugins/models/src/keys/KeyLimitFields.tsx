import type { NewKey } from '@agentportal/plugin-models-common';
import { TextField } from '@backstage/ui';
import { usdToNano } from '../budgets/usd';
import styles from './keys.module.css';

/** Limits of a key as they are typed; empty is no limit. */
export interface TypedLimits {
  monthlyUsd: string;
  requestsPerMinute: string;
  tokensPerMinute: string;
  parallel: string;
}

export const NO_LIMITS: TypedLimits = {
  monthlyUsd: '',
  requestsPerMinute: '',
  tokensPerMinute: '',
  parallel: '',
};

const RATES = ['requestsPerMinute', 'tokensPerMinute', 'parallel'] as const;

/** The limits as the API takes them; `undefined` while one of them is no number. */
export function limitsFrom(
  typed: TypedLimits,
): Pick<NewKey, 'budget' | 'rateLimits'> | undefined {
  const read: Pick<NewKey, 'budget' | 'rateLimits'> = {};
  if (typed.monthlyUsd.trim()) {
    const limitNanoUsd = usdToNano(typed.monthlyUsd);
    if (limitNanoUsd === undefined) return undefined;
    read.budget = { window: 'month', limitNanoUsd };
  }
  for (const rate of RATES) {
    const text = typed[rate].trim();
    if (text) {
      const amount = wholeNumber(text);
      if (amount === undefined) return undefined;
      read.rateLimits = { ...read.rateLimits, [rate]: amount };
    }
  }
  return read;
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const FIELDS = [
  { id: 'monthlyUsd', label: 'USD a month', inputMode: 'decimal' },
  {
    id: 'requestsPerMinute',
    label: 'Requests a minute',
    inputMode: 'numeric',
  },
  { id: 'tokensPerMinute', label: 'Tokens a minute', inputMode: 'numeric' },
  { id: 'parallel', label: 'Calls at once', inputMode: 'numeric' },
] as const;

interface KeyLimitFieldsProps {
  value: TypedLimits;
  onChange(limits: TypedLimits): void;
}

/** How much and how fast a key may call. */
export function KeyLimitFields({ value, onChange }: KeyLimitFieldsProps) {
  return (
    <fieldset className={styles.limits}>
      <legend>Limits; an empty one does not limit</legend>
      {FIELDS.map(({ id, inputMode, label }) => {
        const isWrong = !limitsFrom({ ...NO_LIMITS, [id]: value[id] });
        return (
          <TextField
            key={id}
            label={label}
            inputMode={inputMode}
            value={value[id]}
            isInvalid={isWrong}
            description={isWrong ? 'Write a number.' : undefined}
            onChange={text => onChange({ ...value, [id]: text })}
          />
        );
      })}
    </fieldset>
  );
}
