import {
  ConfirmDialog,
  EntityLink,
  LinesSkeleton,
  RelativeTime,
  approvalsApiRef,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { PersonPicker } from '../access/PersonPicker';
import styles from './approvals.module.css';

const DAY_MS = 86_400_000;

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Names who decides while the person is away, until the end of a day (UTC). */
export function DeputyDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(approvalsApiRef);
  const now = useLoad('deputy', signal => api.getDeputy({ signal }));
  const [person, setPerson] = useState('');
  const [day, setDay] = useState(() => dayOf(Date.now() + 7 * DAY_MS));
  const until = Date.parse(`${day}T23:59:59Z`);
  const isDay = Number.isFinite(until) && until > Date.now();
  const { deputyRef, standsInFor = [], until: knownUntil } = now.value ?? {};
  return (
    <ConfirmDialog
      title={t('deputyDialog.whileIAmAway')}
      action={deputyRef ? 'Name somebody else' : 'Name a deputy'}
      isIncomplete={!person || !isDay}
      failure={t('deputyDialog.nobodyWasNamed')}
      onClose={onClose}
      onConfirm={async () => {
        await api.setDeputy({
          deputyRef: person,
          until: new Date(until).toISOString(),
        });
        onClose();
      }}
    >
      {!now.value && !now.error && <LinesSkeleton lines={2} />}
      {deputyRef && (
        <p className={styles.deputy}>
          <span>
            <EntityLink entityRef={deputyRef} /> decides in your place; it ends{' '}
            <RelativeTime value={knownUntil} />.
          </span>
          <Button
            size="small"
            variant="secondary"
            onPress={async () => {
              await api.removeDeputy();
              now.reload();
            }}
          >
            {t('deputyDialog.iAmBack')}
          </Button>
        </p>
      )}
      {standsInFor.map(each => (
        <Text as="p" key={each.personRef}>
          You decide in the place of <EntityLink entityRef={each.personRef} />;
          it ends <RelativeTime value={each.until} />.
        </Text>
      ))}
      <Text as="p">{t('deputyDialog.yourDeputyIsAskedWhat')}</Text>
      <PersonPicker
        label={t('deputyDialog.who')}
        value={person}
        onChange={setPerson}
      />
      <TextField
        label={t('deputyDialog.untilTheEndOf')}
        description={t('deputyDialog.aDayAsYyyyMm')}
        isRequired
        isInvalid={!isDay}
        value={day}
        onChange={setDay}
      />
    </ConfirmDialog>
  );
}
