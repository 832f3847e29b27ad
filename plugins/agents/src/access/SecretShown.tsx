import type {
  AgentCredentialWithSecret,
  AgentIdentityMode,
} from '@agentportal/plugin-agents-common';
import { CopyButton, useLoad } from '@agentportal/plugin-agents-react';
import { CodeSnippet } from '@backstage/core-components';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Skeleton,
  Text,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { SNIPPETS } from './snippets';
import styles from './access.module.css';

/** A secret, the one time that it can be read, and how a program gets a token with it. */
export function SecretShown(props: {
  agentRef: string;
  identity: AgentIdentityMode;
  made: AgentCredentialWithSecret;
  onClose(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agentRef, identity, made, onClose } = props;
  const discoveryApi = useApi(coreApis.discovery);
  const auth = useLoad('auth', () => discoveryApi.getBaseUrl('auth'));
  const [chosen, setChosen] = useState<string>('curl');
  const snippet = SNIPPETS.find(each => each.id === chosen) ?? SNIPPETS[0];
  return (
    // A slip must not close what cannot be opened again.
    <Dialog
      isOpen
      isDismissable={false}
      isKeyboardDismissDisabled
      onOpenChange={open => !open && onClose()}
      width={680}
    >
      <DialogHeader>{`The secret of ${made.credential.title}`}</DialogHeader>
      <DialogBody>
        <div className={styles.form}>
          <Alert status="warning" icon title={t('secretShown.copyItNowItIs')} />
          <div className={styles.secret}>
            <code aria-label={t('secretShown.secret')}>{made.secret}</code>
            <CopyButton text={made.secret ?? ''} what="secret" />
          </div>
          <ToggleButtonGroup
            aria-label={t('secretShown.howToGetAToken')}
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[chosen]}
            onSelectionChange={keys => setChosen(String([...keys][0]))}
          >
            {SNIPPETS.map(({ id, label }) => (
              <ToggleButton key={id} id={id}>
                {label}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          {!auth.value && <Skeleton width="100%" height={128} />}
          {auth.value && (
            <CodeSnippet
              language={snippet.language}
              text={snippet.code({
                issuer: `${auth.value}/agent`,
                clientId: agentRef,
                forPerson: identity === 'person',
              })}
              showCopyCodeButton
            />
          )}
          <Text variant="body-small" color="secondary">
            The token is good for ten minutes. Send it as{' '}
            <code>{t('secretShown.authorizationBearer')}</code> to any API of
            the portal. Keep the secret in a secret store, and not in code.
          </Text>
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onPress={onClose}>
          {t('secretShown.iHaveStoredIt')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
