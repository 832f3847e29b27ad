import { ProxiedSignInPage } from '@backstage/core-components';
import {
  Progress,
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { Avatar } from '@backstage/ui';
import { useCallback, useState } from 'react';
import { portalTranslationRef } from '../../translation';
import { GUEST, chosenPerson, useExamplePeople } from './examplePeople';
import styles from './signIn.module.css';

function PersonCard(props: {
  name: string;
  team: string | null;
  does: string;
  onChoose: () => void;
}) {
  const { name, team, does, onChoose } = props;
  return (
    <button type="button" className={styles.card} onClick={onChoose}>
      <Avatar src="" name={name} size="large" purpose="decoration" />
      <span className={styles.text}>
        <span className={styles.name}>{name}</span>
        {team && <span className={styles.team}>{team}</span>}
        <span className={styles.does}>{does}</span>
      </span>
    </button>
  );
}

/** A portal in production refuses its guest; until a sign-in is configured nobody gets in. */
function NobodyCanSignIn({ error }: { error?: Error }) {
  const { t } = useTranslationRef(portalTranslationRef);
  return (
    <main className={styles.page}>
      <h1 className={styles.title}>{t('signIn.nobodyTitle')}</h1>
      <p className={styles.intro}>
        {t('signIn.nobodyIntro')}{' '}
        <a href="https://backstage.io/docs/auth/">
          https://backstage.io/docs/auth
        </a>
      </p>
      {error && (
        <p className={styles.intro}>
          {t('signIn.failed', { reason: error.message })}
        </p>
      )}
    </main>
  );
}

/**
 * Lets people choose who they are in the example company. In a portal without it one
 * is the guest, where that is allowed.
 */
export function ExampleSignInPage(props: SignInPageProps) {
  const { onSignInSuccess } = props;
  const { t } = useTranslationRef(portalTranslationRef);
  const company =
    useApi(coreApis.config).getOptionalString('organization.name') ?? '';
  const people = useExamplePeople();
  const [chosen, setChosen] = useState(chosenPerson.get);
  const [failure, setFailure] = useState<Error>();

  const choose = (person: string) => {
    chosenPerson.set(person);
    setFailure(undefined);
    setChosen(person);
  };
  const Failed = useCallback(({ error }: { error?: Error }) => {
    chosenPerson.forget();
    // The people are shown again, with what went wrong.
    queueMicrotask(() => {
      setFailure(error);
      setChosen(undefined);
    });
    return <Progress />;
  }, []);

  if (people.isPending) {
    return <Progress />;
  }
  if (!people.value?.length) {
    return (
      <ProxiedSignInPage
        provider="guest"
        ErrorComponent={NobodyCanSignIn}
        onSignInSuccess={onSignInSuccess}
      />
    );
  }
  if (
    chosen === GUEST ||
    people.value.some(person => person.userEntityRef === chosen)
  ) {
    const isGuest = chosen === GUEST;
    return (
      <ProxiedSignInPage
        provider={isGuest ? 'guest' : 'example'}
        headers={isGuest ? {} : { 'x-example-person': chosen! }}
        ErrorComponent={Failed}
        onSignInSuccess={identity => {
          const signOut = identity.signOut.bind(identity);
          identity.signOut = async () => {
            chosenPerson.forget();
            await signOut();
          };
          onSignInSuccess(identity);
        }}
      />
    );
  }
  return (
    <main className={styles.page}>
      <h1 className={styles.title}>{t('signIn.title')}</h1>
      <p className={styles.intro}>{t('signIn.intro', { company })}</p>
      {failure && (
        <p role="alert" className={styles.failure}>
          {t('signIn.failed', { reason: failure.message })}
        </p>
      )}
      <div className={styles.cards}>
        {people.value.map(person => (
          <PersonCard
            key={person.userEntityRef}
            name={person.displayName}
            team={person.team}
            does={person.description}
            onChoose={() => choose(person.userEntityRef)}
          />
        ))}
        <PersonCard
          name={t('signIn.guest')}
          team={t('signIn.guestTeam')}
          does={t('signIn.guestDoes')}
          onChoose={() => choose(GUEST)}
        />
      </div>
    </main>
  );
}
