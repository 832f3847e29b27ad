import { CopyButton, useLoad } from '@agentportal/plugin-agents-react';
import type { KeyWithSecret } from '@agentportal/plugin-models-common';
import { CodeSnippet } from '@backstage/core-components';
import { coreApis, useApi } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { useState } from 'react';
import { SNIPPETS } from './snippets';
import styles from './keys.module.css';

interface KeyShownProps {
  made: KeyWithSecret;
  onClose(): void;
}

/** A secret, the one time that it can be read, and how to call with it. */
export function KeyShown({ made, onClose }: KeyShownProps) {
  const discoveryApi = useApi(coreApis.discovery);
  const base = useLoad('models', () => discoveryApi.getBaseUrl('models'));
  const [chosen, setChosen] = useState<string>('curl');
  const snippet = SNIPPETS.find(each => each.id === chosen) ?? SNIPPETS[0];
  const [first] = made.key.models;
  const model = first === '*' ? 'balanced' : first;

  return (
    // A slip must not close what cannot be opened again.
    <Dialog
      isOpen
      isDismissable={false}
      isKeyboardDismissDisabled
      onOpenChange={open => !open && onClose()}
      width={640}
    >
      <DialogHeader>{`The secret of ${made.key.title}`}</DialogHeader>
      <DialogBody>
        <div className={styles.form}>
          <Alert
            status="warning"
            icon
            title="Copy it now. It is not kept and cannot be shown again."
          />
          <div className={styles.secret}>
            <code aria-label="Secret">{made.secret}</code>
            <CopyButton text={made.secret} what="secret" />
          </div>
          <ToggleButtonGroup
            aria-label="How to call with it"
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
          {base.value && (
            <CodeSnippet
              language={snippet.language}
              text={snippet.code(base.value, model)}
              showCopyCodeButton
            />
          )}
          <Text variant="body-small" color="secondary">
            Keep the secret where your program finds it, such as in a secret
            store, and not in code. It begins with <code>ap_</code>, so scanners
            can find one that was left there.
          </Text>
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onPress={onClose}>
          I have stored it
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
