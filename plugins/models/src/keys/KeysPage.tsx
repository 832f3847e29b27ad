import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  useLoad,
  usePages,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type {
  KeyState,
  KeySummary,
  KeyWithSecret,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Container, SearchField, Select } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { KeyDetails } from './KeyDetails';
import { EditKey, RevokeKey, RotateKey } from './keyDialogs';
import { KeyShown } from './KeyShown';
import { KeyTable } from './KeyTable';
import type { KeyAction } from './KeyTable';
import { STATES } from './keyWords';
import { NewKeyDialog } from './NewKeyDialog';
import styles from './keys.module.css';

const STATE = { q: '', state: '', key: '' };

/** The keys with which programs that are not agents call models. */
export function KeysPage() {
  const keysApi = useApi(modelsApiRef);
  const [state, update] = useUrlState(STATE);
  const question = useSettled(state.q.trim());
  const [mayCreate, setMayCreate] = useState(false);
  const keys = usePages<KeySummary>(
    JSON.stringify([question, state.state]),
    async (cursor, signal) => {
      const page = await keysApi.listKeys(
        {
          limit: 50,
          ...(cursor ? { cursor } : {}),
          ...(question ? { q: question } : {}),
          ...(state.state ? { state: state.state as KeyState } : {}),
        },
        { signal },
      );
      setMayCreate(page.mayCreate);
      return page;
    },
  );
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<KeyWithSecret>();
  const [asked, setAsked] = useState<{ action: KeyAction; key: KeySummary }>();
  const shown = useLoad(state.key || undefined, signal =>
    keysApi.getKey(state.key, { signal }),
  );
  const filtered = Boolean(question || state.state);

  const close = () => setAsked(undefined);
  const changed = (secret?: KeyWithSecret) => {
    setMaking(false);
    close();
    setMade(secret);
    keys.reload();
  };
  const act = (action: KeyAction, key: KeySummary) =>
    action === 'show' ? update({ key: key.id }) : setAsked({ action, key });

  return (
    <Container className={styles.page}>
      <p className={styles.intro}>
        Agents sign in by themselves. Other programs call models with a key: for
        the models, the time and the money that you choose, on the account of
        your team.
      </p>
      <div className={styles.filters}>
        <SearchField
          className={styles.search}
          aria-label="Find a key"
          placeholder="Find a key by its title or owner"
          value={state.q}
          onChange={q => update({ q }, { replace: true })}
        />
        <Select
          aria-label="State"
          className={styles.state}
          value={state.state}
          options={[
            { value: '', label: 'Any state' },
            ...Object.entries(STATES).map(([value, { label }]) => ({
              value,
              label,
            })),
          ]}
          onChange={key => update({ state: String(key ?? '') })}
        />
        <span className={styles.end}>
          {mayCreate && (
            <Button
              variant="primary"
              iconStart={<RiAddLine />}
              onPress={() => setMaking(true)}
            >
              New key
            </Button>
          )}
        </span>
      </div>

      {shown.error && (
        <ErrorPanel
          title="The key could not be read"
          error={shown.error}
          safe="Nothing was changed."
          onRetry={shown.reload}
        />
      )}
      {keys.isPending && (
        <div className={styles.pending}>
          <RowsSkeleton rows={5} rowHeight={64} />
        </div>
      )}
      {keys.error && keys.items.length === 0 && (
        <ErrorPanel
          title="The keys could not be read"
          error={keys.error}
          safe="Programs keep calling with the keys that they have."
          onRetry={keys.reload}
        />
      )}
      {!keys.isPending && !keys.error && keys.items.length === 0 && (
        <EmptyHint
          title={filtered ? 'No key fits' : 'There are no keys yet'}
          actions={
            filtered && (
              <Button
                variant="secondary"
                onPress={() => update({ q: '', state: '' })}
              >
                Clear search and filter
              </Button>
            )
          }
        >
          {emptyWords(filtered, mayCreate)}
        </EmptyHint>
      )}
      {keys.items.length > 0 && <KeyTable keys={keys.items} onAction={act} />}
      {keys.hasMore && (
        <Button
          variant="secondary"
          isPending={keys.isLoadingMore}
          onPress={keys.loadMore}
        >
          Show more keys
        </Button>
      )}

      {isMaking && (
        <NewKeyDialog onMade={changed} onClose={() => setMaking(false)} />
      )}
      {made && <KeyShown made={made} onClose={() => setMade(undefined)} />}
      {shown.value && (
        <KeyDetails summary={shown.value} onClose={() => update({ key: '' })} />
      )}
      {asked?.action === 'edit' && (
        <EditKey summary={asked.key} onDone={() => changed()} onClose={close} />
      )}
      {asked?.action === 'rotate' && (
        <RotateKey summary={asked.key} onDone={changed} onClose={close} />
      )}
      {asked?.action === 'revoke' && (
        <RevokeKey
          summary={asked.key}
          onDone={() => changed()}
          onClose={close}
        />
      )}
    </Container>
  );
}

function emptyWords(filtered: boolean, mayCreate: boolean): string {
  if (filtered) {
    return 'Try another word, or look at all of them.';
  }
  return mayCreate
    ? 'Make one for a nightly job, a notebook or a service. Its secret is shown once; any OpenAI or Anthropic client takes it as its API key.'
    : 'To make one, ask whoever runs the portal for the permission models.key.create.';
}
