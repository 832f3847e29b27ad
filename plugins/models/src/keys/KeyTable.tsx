import {
  EntityLink,
  formatCount,
  formatNanoUsd,
  RelativeTime,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import type { KeySummary } from '@agentportal/plugin-models-common';
import { ButtonIcon, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import { RiMore2Line } from '@remixicon/react';
import { counts, modelWords, STATES } from './keyWords';
import styles from './keys.module.css';

/** What may be done with a key in the list. */
export type KeyAction = 'show' | 'edit' | 'rotate' | 'revoke';

interface KeyTableProps {
  keys: KeySummary[];
  onAction(action: KeyAction, key: KeySummary): void;
}

/** Keys side by side: whose, for what, whether they count, and what they spend. */
export function KeyTable({ keys, onAction }: KeyTableProps) {
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">State</th>
            <th scope="col" data-wide-only>
              Models
            </th>
            <th scope="col">Expires</th>
            <th scope="col" data-wide-only>
              Last used
            </th>
            <th scope="col" data-align="right">
              This month
            </th>
            <th scope="col" aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {keys.map(key => (
            <tr key={key.id}>
              <td>
                <button
                  type="button"
                  className={styles.name}
                  onClick={() => onAction('show', key)}
                >
                  {key.title}
                </button>
                <div className={styles.second}>
                  <EntityLink entityRef={key.ownerRef} />
                  {key.systemRef && (
                    <>
                      {' · '}
                      <EntityLink entityRef={key.systemRef} />
                    </>
                  )}
                </div>
              </td>
              <td>
                <StatusMark status={key.state} {...STATES[key.state]} />
                {key.secrets.length > 1 && (
                  <div className={styles.second}>
                    {key.secrets.length} secrets count
                  </div>
                )}
              </td>
              <td data-wide-only title={key.models.join('\n')}>
                {modelWords(key.models)}
              </td>
              <td>
                {counts(key) || key.state === 'expired' ? (
                  <RelativeTime value={key.expiresAt} fallback="Never" />
                ) : (
                  '–'
                )}
              </td>
              <td data-wide-only>{key.lastUsedOn ?? 'Never'}</td>
              <td
                data-align="right"
                title={`${formatCount(key.month.calls)} calls`}
              >
                {formatNanoUsd(key.month.costNanoUsd)}
              </td>
              <td data-align="right">
                <KeyMenu keySummary={key} onAction={onAction} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function KeyMenu(props: {
  keySummary: KeySummary;
  onAction: KeyTableProps['onAction'];
}) {
  const { keySummary, onAction } = props;
  const changeable = keySummary.editable && keySummary.state !== 'revoked';
  return (
    <MenuTrigger>
      <ButtonIcon
        variant="tertiary"
        icon={<RiMore2Line />}
        aria-label={`Actions on ${keySummary.title}`}
      />
      <Menu onAction={id => onAction(id as KeyAction, keySummary)}>
        <MenuItem id="show">Details</MenuItem>
        {changeable && <MenuItem id="edit">Change</MenuItem>}
        {changeable && <MenuItem id="rotate">Rotate the secret</MenuItem>}
        {changeable && (
          <MenuItem id="revoke" color="danger">
            Revoke
          </MenuItem>
        )}
      </Menu>
    </MenuTrigger>
  );
}
