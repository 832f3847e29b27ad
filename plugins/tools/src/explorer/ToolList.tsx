import { RiskBadge, StatusMark } from '@agentportal/plugin-agents-react';
import type {
  ServerSummary,
  ToolSummary,
} from '@agentportal/plugin-tools-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { RiLockLine } from '@remixicon/react';
import { useEffect, useRef } from 'react';
import type { KeyboardEvent } from 'react';
import { toolsTranslationRef } from '../translation';
import styles from './ToolList.module.css';

interface ToolListProps {
  tools: ToolSummary[];
  servers: ServerSummary[];
  /** Search results keep their order; otherwise tools stand by their server. */
  ranked: boolean;
  selected?: string;
  /** The tool that the address names; its row is brought into view. */
  reveal?: string;
  onSelect(name: string): void;
}

/** The tools, one row each; arrow keys move, Enter opens. */
export function ToolList(props: ToolListProps) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const list = useRef<HTMLDivElement>(null);
  const { reveal } = props;
  useEffect(() => {
    const row = reveal && list.current?.querySelector('[aria-pressed=true]');
    // Only what is out of sight moves; a row that was clicked stays where it is.
    if (row) row.scrollIntoView?.({ block: 'nearest' });
  }, [reveal]);

  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLButtonElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  };

  return (
    // The rows are the buttons that act; the list only moves the focus between them.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div ref={list} onKeyDown={move} className={styles.groups}>
      {groupsOf(props).map(({ title, server, tools }) => (
        <section
          key={title ?? 'results'}
          aria-label={title ?? t('toolList.toolsFound')}
        >
          {title && (
            <header className={styles.groupHeader}>
              <Text as="h2" variant="body-large" weight="bold">
                {title}
              </Text>
              {server && server.status !== 'up' && (
                <StatusMark status={server.status} />
              )}
            </header>
          )}
          <ul className={styles.rows}>
            {tools.map(tool => (
              <li key={tool.name}>
                <button
                  type="button"
                  className={styles.row}
                  aria-pressed={tool.name === props.selected}
                  onClick={() => props.onSelect(tool.name)}
                >
                  <span className={styles.rowTop}>
                    <span className={styles.title}>{tool.title}</span>
                    {!tool.allowed && (
                      <RiLockLine
                        size={14}
                        aria-label={t('toolList.youMayNotCallThis')}
                      />
                    )}
                    <RiskBadge tier={tool.riskTier} />
                  </span>
                  <span className={styles.description}>{tool.description}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function groupsOf(props: ToolListProps) {
  if (props.ranked) {
    return [{ title: undefined, server: undefined, tools: props.tools }];
  }
  const groups = new Map<string, ToolSummary[]>();
  for (const tool of props.tools) {
    groups.set(tool.serverRef, [...(groups.get(tool.serverRef) ?? []), tool]);
  }
  return [...groups].map(([ref, tools]) => {
    const server = props.servers.find(candidate => candidate.ref === ref);
    return { title: server?.title ?? ref.split('/').pop(), server, tools };
  });
}
