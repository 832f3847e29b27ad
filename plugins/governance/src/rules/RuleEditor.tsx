import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { RuleText } from '@agentportal/plugin-agents-common';
import { StatusMark } from '@agentportal/plugin-agents-react';
import { Button, TextAreaField, TextField } from '@backstage/ui';
import { RiArrowLeftLine } from '@remixicon/react';
import { useRef, useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { RuleHistory } from './RuleHistory';
import { RuleTrial } from './RuleTrial';
import { EXAMPLE, MODES, nameOfText, type RuleMode } from './ruleWords';
import { SaveRules } from './SaveRules';
import styles from './rules.module.css';

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const LONGEST = 65_536;

/** A text of rules to be written, tried on recorded calls, and put into force. */
export function RuleEditor(props: {
  /** Not given for a new one. */
  known: RuleText | undefined;
  onBack(): void;
  onSaved(): void;
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { known, onBack, onSaved } = props;
  const [name, setName] = useState(known ? nameOfText(known) : '');
  const [text, setText] = useState(known?.text ?? EXAMPLE);
  const [mode, setMode] = useState<RuleMode>();
  const isElsewhere = known !== undefined && known.source !== 'portal';
  const isName = NAME.test(name);
  const [mistaken, setMistaken] = useState<string>();
  // Once it is another text nobody knows of a mistake in it.
  const isMistaken = text === mistaken;
  const place = useRef<HTMLDivElement>(null);
  const show = (line: number) => {
    const area = place.current?.querySelector('textarea');
    const lines = text.split('\n');
    const start =
      lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    area?.focus();
    area?.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  };
  const isReady = isName && text.trim() !== '' && !isMistaken;
  return (
    <>
      <div>
        <Button
          size="small"
          variant="tertiary"
          iconStart={<RiArrowLeftLine />}
          onPress={onBack}
        >
          {t('ruleEditor.allRules')}
        </Button>
      </div>
      <div className={styles.cardHead}>
        <h2 className={styles.heading}>
          {known ? nameOfText(known) : 'New rules'}
        </h2>
        {known && <StatusMark status={known.mode} {...MODES[known.mode]} />}
      </div>
      {!known && (
        <TextField
          className={styles.nameField}
          label={t('ruleEditor.name')}
          description={t('ruleEditor.smallLettersDigitsAndDashes')}
          isRequired
          isInvalid={name !== '' && !isName}
          value={name}
          onChange={setName}
        />
      )}
      <div ref={place}>
        <TextAreaField
          className={styles.text}
          label={t('ruleEditor.rulesInCedar')}
          description={
            isElsewhere
              ? 'It is kept elsewhere. Change it here to try something, and take what is good over there.'
              : 'Each with @id, and with @reason, the sentence that whoever is refused reads. @mode("log") makes a single rule log only.'
          }
          rows={14}
          maxLength={LONGEST}
          value={text}
          onChange={setText}
        />
      </div>
      <RuleTrial text={text} onMistakes={setMistaken} onShow={show} />
      {!isElsewhere && (
        <div className={styles.actions}>
          <Button
            variant="primary"
            isDisabled={!isReady}
            onPress={() => setMode('log')}
          >
            {t('ruleEditor.saveLogOnly')}
          </Button>
          <Button
            variant="secondary"
            isDisabled={!isReady}
            onPress={() => setMode('enforce')}
          >
            {t('ruleEditor.saveAndEnforce')}
          </Button>
          {isMistaken && (
            <span className={styles.beside}>
              {t('ruleEditor.itCannotBeSavedWith')}
            </span>
          )}
        </div>
      )}
      {known && !isElsewhere && (
        <RuleHistory name={name} text={text} onTake={setText} />
      )}
      {mode && (
        <SaveRules
          name={name}
          text={text}
          version={known?.version ?? 0}
          mode={mode}
          onClose={() => setMode(undefined)}
          onDone={() => {
            setMode(undefined);
            onSaved();
            onBack();
          }}
        />
      )}
    </>
  );
}
