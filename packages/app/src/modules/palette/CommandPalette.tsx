import { AgentAvatar } from '@agentportal/plugin-agents-react';
import {
  useAppNavigate,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Dialog, DialogBody, VisuallyHidden } from '@backstage/ui';
import {
  RiArrowRightLine,
  RiBrainLine,
  RiFlashlightLine,
  RiHistoryLine,
  RiToolsLine,
  RiUserLine,
} from '@remixicon/react';
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { portalTranslationRef } from '../../translation';
import type { Group, Result } from './results';
import { type Page, usePaletteResults } from './usePaletteResults';
import styles from './palette.module.css';

const ICONS: Record<Group, ReactNode> = {
  actions: <RiFlashlightLine size={18} />,
  pages: <RiArrowRightLine size={18} />,
  agents: null,
  people: <RiUserLine size={18} />,
  tools: <RiToolsLine size={18} />,
  models: <RiBrainLine size={18} />,
  runs: <RiHistoryLine size={18} />,
};

function Palette(props: { pages: readonly Page[]; onClose(): void }) {
  const { onClose, pages } = props;
  const { t } = useTranslationRef(portalTranslationRef);
  const navigate = useAppNavigate();
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const { error, isPending, results } = usePaletteResults(text, pages);
  const at = Math.min(chosen, results.length - 1);
  useEffect(() => {
    list.current
      ?.querySelector('[aria-selected=true]')
      ?.scrollIntoView?.({ block: 'nearest' });
  }, [at]);

  const go = ({ href }: Result) => {
    onClose();
    navigate(href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && results.length > 0) {
      event.preventDefault();
      setChosen((at + step + results.length) % results.length);
    } else if (event.key === 'Enter' && results[at]) {
      event.preventDefault();
      go(results[at]);
    }
  };
  const option = (result: Result, index: number) => (
    <div
      key={result.key}
      id={`${id}-${index}`}
      role="option"
      tabIndex={-1}
      aria-selected={index === at}
      className={styles.option}
      onPointerMove={() => setChosen(index)}
      onClick={() => go(result)}
      onKeyDown={onKeyDown}
    >
      <span className={styles.icon} aria-hidden="true">
        {result.group === 'agents' ? (
          <AgentAvatar name={result.key} size={20} />
        ) : (
          ICONS[result.group]
        )}
      </span>
      <span className={styles.title}>{result.title}</span>
      {result.hint && <span className={styles.hint}>{result.hint}</span>}
    </div>
  );
  const groups = [...Map.groupBy(results.entries(), ([, { group }]) => group)];
  return (
    <Dialog
      isOpen
      isDismissable
      width={640}
      aria-label={t('palette.label')}
      onOpenChange={open => open || onClose()}
    >
      <DialogBody>
        <input
          className={styles.input}
          type="text"
          role="combobox"
          aria-expanded
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={results[at] && `${id}-${at}`}
          aria-label={t('palette.label')}
          placeholder={t('palette.placeholder')}
          // eslint-disable-next-line jsx-a11y/no-autofocus -- it was opened to be typed into
          autoFocus
          maxLength={200}
          value={text}
          onChange={event => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div className={styles.found}>
          <div className={styles.state} role="status">
            {error && t('palette.failure')}
            {!error &&
              !isPending &&
              (results.length === 0 ? (
                t('palette.nothing', { words: text.trim() })
              ) : (
                <VisuallyHidden>
                  {t('palette.count', { count: results.length })}
                </VisuallyHidden>
              ))}
          </div>
          <div
            ref={list}
            id={`${id}-list`}
            role="listbox"
            aria-label={t('palette.results')}
            aria-busy={isPending}
          >
            {groups.map(([group, entries]) => (
              <div
                key={group}
                role="group"
                aria-label={t(`palette.group.${group}`)}
              >
                <div className={styles.group} aria-hidden="true">
                  {t(`palette.group.${group}`)}
                </div>
                {entries.map(([index, result]) => option(result, index))}
              </div>
            ))}
          </div>
        </div>
      </DialogBody>
    </Dialog>
  );
}

/**
 * Finds people, agents, tools, models, runs, pages and actions from everywhere: by Ctrl+K, or by what `children`
 * draws from the way to open it.
 */
export function CommandPalette(props: {
  pages: readonly Page[];
  children(open: () => void): ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (
        event.key.toLocaleLowerCase('en-US') === 'k' &&
        (event.ctrlKey || event.metaKey) &&
        !event.altKey &&
        !event.shiftKey
      ) {
        event.preventDefault();
        setOpen(true);
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      {props.children(() => setOpen(true))}
      {isOpen && <Palette pages={props.pages} onClose={() => setOpen(false)} />}
    </>
  );
}
