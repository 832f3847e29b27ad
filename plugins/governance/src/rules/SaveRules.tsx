import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { ruleTextsApiRef } from '../api/ruleTextsApiRef';
import { calls, type RuleMode } from './ruleWords';

const SHORTEST = 3;
const LONGEST = 500;

const WHAT: Record<
  RuleMode | 'remove',
  { title: string; action: string; says: string }
> = {
  enforce: {
    title: 'Enforce',
    action: 'Enforce',
    says: 'From now on, within seconds and at every door, calls that it matches are refused.',
  },
  log: {
    title: 'Only log',
    action: 'Only log',
    says: 'Calls that it matches go through, and are counted here. Nobody is refused by it.',
  },
  off: {
    title: 'Switch off',
    action: 'Switch off',
    says: 'It does nothing, and nothing is counted.',
  },
  remove: {
    title: 'Remove',
    action: 'Remove it',
    says: 'Nothing is refused by it any more, within seconds and at every door. What it was stays in the audit log and in its history, under its name.',
  },
};

/** Asks why before a text of rules comes into force, as it is or in another mode, or is removed. */
export function SaveRules(props: {
  name: string;
  text: string;
  version: number;
  mode: RuleMode | 'remove';
  /** What it would have refused lately, for who enforces it. */
  matched?: number;
  days?: number;
  onDone(): void;
  onClose(): void;
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { days, matched, mode, name, onClose, onDone, text, version } = props;
  const api = useApi(ruleTextsApiRef);
  const [comment, setComment] = useState('');
  const { title, action, says } = WHAT[mode];
  return (
    <ConfirmDialog
      title={`${title} ${name}?`}
      action={action}
      isIncomplete={comment.trim().length < SHORTEST}
      destructive={mode === 'remove'}
      failure={mode === 'remove' ? 'It was not removed' : 'It was not saved'}
      onClose={onClose}
      onConfirm={async () => {
        const why = comment.trim();
        await (mode === 'remove'
          ? api.deleteRuleText(name, { comment: why, version })
          : api.putRuleText(name, { text, version, mode, comment: why }));
        onDone();
      }}
    >
      <Text as="p">
        {says}
        {mode === 'enforce' &&
          matched !== undefined &&
          ` In the last ${days} days it would have refused ${calls(matched)}.`}
      </Text>
      <TextField
        label={t('saveRules.why')}
        description={t('saveRules.itIsKeptInThe')}
        isRequired
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to be filled in
        autoFocus
        maxLength={LONGEST}
        value={comment}
        onChange={setComment}
      />
    </ConfirmDialog>
  );
}
