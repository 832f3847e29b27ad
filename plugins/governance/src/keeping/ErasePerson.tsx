import {
  ConfirmDialog,
  formatCount,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { governanceApiRef } from '../api/governanceApiRef';
import { EntityPicker } from '../entries/EntityPicker';
import styles from './keeping.module.css';

/** Erases a person from the log, after asking twice. */
export function ErasePerson() {
  const { t } = useTranslationRef(governanceTranslationRef);
  const api = useApi(governanceApiRef);
  const [person, setPerson] = useState('');
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [done, setDone] = useState('');
  const close = () => {
    setAsking(false);
    setReason('');
    setTyped('');
  };
  const name = nameOfRef(person);
  return (
    <section aria-label={t('erasePerson.eraseAPerson')}>
      <h2 className={styles.heading}>{t('erasePerson.eraseAPerson')}</h2>
      <p className={styles.second}>
        {t('erasePerson.forARequestUnderArticle')}
      </p>
      <div className={styles.erase}>
        <div className={styles.person}>
          <EntityPicker
            key={done}
            label={t('erasePerson.person')}
            placeholder={t('erasePerson.aNameOrUserDefault')}
            kinds={['User']}
            value={person}
            onChange={setPerson}
          />
        </div>
        <Button
          variant="secondary"
          destructive
          isDisabled={!person}
          onPress={() => setAsking(true)}
        >
          {t('erasePerson.erase')}
        </Button>
      </div>
      {done && <p role="status">{done}</p>}
      {isAsking && (
        <ConfirmDialog
          title={`Erase ${name} from the audit log?`}
          action={`Erase ${name} for ever`}
          keep="Keep"
          destructive
          failure={`${name} was not erased`}
          isIncomplete={!reason.trim() || typed.trim() !== name}
          onClose={close}
          onConfirm={async () => {
            const { entries } = await api.erasePerson({
              personRef: person,
              reason: reason.trim(),
            });
            setDone(
              entries
                ? `The person was erased from ${formatCount(entries)} ${
                    entries === 1 ? 'entry' : 'entries'
                  }.`
                : 'The log had nothing about this person, or they were erased before.',
            );
            setPerson('');
            close();
          }}
        >
          <Text>
            In every entry so far that names {person}, the name and everything
            personal becomes unreadable, for you too. Nothing brings it back.
            The entries stay, say “a person who was erased”, and can still be
            proved. What is recorded about them later is kept anew. A name that
            others wrote in a text of their own stays, and exports and backups
            of the database that were made before are not changed.
          </Text>
          <TextField
            label={t('erasePerson.why')}
            description={t('erasePerson.itIsWrittenIntoThe')}
            isRequired
            value={reason}
            onChange={setReason}
          />
          <TextField
            label={`Type ${name} to go on`}
            isRequired
            value={typed}
            onChange={setTyped}
          />
        </ConfirmDialog>
      )}
    </section>
  );
}
