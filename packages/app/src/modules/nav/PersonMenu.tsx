import { useLoad } from '@agentportal/plugin-agents-react';
import { parseEntityRef } from '@backstage/catalog-model';
import { useSidebarOpenState } from '@backstage/core-components';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  Avatar,
  Button,
  Menu,
  MenuItem,
  MenuSection,
  MenuSeparator,
  MenuTrigger,
} from '@backstage/ui';
import { RiCheckLine, RiLogoutBoxRLine } from '@remixicon/react';
import { portalTranslationRef } from '../../translation';
import { GUEST, chosenPerson, useExamplePeople } from '../signIn';
import styles from './PersonMenu.module.css';

/** Who one is, and in the example company the way to be somebody else. */
export function PersonMenu() {
  const { t } = useTranslationRef(portalTranslationRef);
  const identityApi = useApi(coreApis.identity);
  const { isOpen } = useSidebarOpenState();
  const people = useExamplePeople().value ?? [];
  const me = useLoad('me', async () => {
    const [{ displayName }, { userEntityRef }] = await Promise.all([
      identityApi.getProfileInfo(),
      identityApi.getBackstageIdentity(),
    ]);
    return {
      ref: userEntityRef,
      name: displayName ?? parseEntityRef(userEntityRef).name,
    };
  }).value;
  if (!me) {
    return null;
  }
  const mine = people.find(person => person.userEntityRef === me.ref);
  const isGuest = people.length > 0 && !mine;
  const name = isGuest ? t('signIn.guest') : me.name;

  const becomes = (person: string) => {
    chosenPerson.set(person);
    // The same page, as somebody else: nothing of the one before is kept in memory.
    window.location.reload();
  };
  const item = (key: string, label: string, isMe: boolean) => (
    <MenuItem
      key={key}
      id={key}
      iconStart={isMe ? <RiCheckLine /> : <span className={styles.noIcon} />}
      onAction={() => isMe || becomes(key)}
    >
      {label}
    </MenuItem>
  );
  return (
    <MenuTrigger>
      <Button
        variant="tertiary"
        className={styles.person}
        aria-label={t('nav.person', { name })}
      >
        <Avatar src="" name={name} size="small" purpose="decoration" />
        {isOpen && (
          <span className={styles.text}>
            <span>{name}</span>
            {mine?.team && <span className={styles.team}>{mine.team}</span>}
          </span>
        )}
      </Button>
      <Menu placement="right bottom">
        {people.length > 0 && (
          <MenuSection title={t('nav.switchTo')}>
            {people.map(person =>
              item(
                person.userEntityRef,
                [person.displayName, person.team].filter(Boolean).join(', '),
                person === mine,
              ),
            )}
            {item(GUEST, t('signIn.guest'), isGuest)}
          </MenuSection>
        )}
        {people.length > 0 && <MenuSeparator />}
        <MenuItem
          iconStart={<RiLogoutBoxRLine />}
          onAction={() => identityApi.signOut()}
        >
          {t('nav.signOut')}
        </MenuItem>
      </Menu>
    </MenuTrigger>
  );
}
