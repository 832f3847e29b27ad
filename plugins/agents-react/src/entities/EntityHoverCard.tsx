import { isAgentEntity, isToolEntity } from '@agentportal/plugin-agents-common';
import {
  RELATION_HAS_MEMBER,
  RELATION_MEMBER_OF,
  RELATION_OWNED_BY,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import {
  RouterLink,
  useApiHolder,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  catalogApiRef,
  getEntityRelations,
  useEntityRefLink,
} from '@backstage/plugin-catalog-react';
import { Avatar, Popover } from '@backstage/ui';
import {
  useEffect,
  useRef,
  useState,
  type ReactNode,
  type RefObject,
} from 'react';
import { AutonomyDots, LifecycleTag, RiskBadge } from '../badges';
import { LinesSkeleton } from '../feedback';
import { AgentAvatar } from '../identity';
import { useLoad } from '../loading';
import { agentsReactTranslationRef } from '../translation';
import { nameOfRef } from './nameOfRef';
import { titleOf, useTitles } from './titles';
import styles from './hoverCard.module.css';

/** Kinds that people have a word of their own for. */
const KINDS = [
  'agent',
  'tool',
  'model',
  'user',
  'group',
  'api',
  'system',
] as const;

/** Whoever passes over a link on the way to another asks for nothing. */
const OPEN_MS = 400;
/** Time to move from the link to the card. */
const CLOSE_MS = 200;
/** A team of thousands is not read out. */
const MOST_TEAMS = 3;

/**
 * A card about an entity beside the link to it: for pointers that rest on the link and for whoever comes to it with
 * the keyboard. It stays while it is pointed at, and Escape closes it.
 */
export function EntityHoverCard(props: {
  entityRef: string;
  children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const trigger = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const turn = (open: boolean) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(open), open ? OPEN_MS : CLOSE_MS);
  };
  return (
    // The link inside is what acts; this only sees whether it is pointed at.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <span
      ref={trigger}
      className={styles.trigger}
      onPointerEnter={({ pointerType }) => {
        // A finger that rests on a link has begun to follow it.
        if (pointerType !== 'touch') turn(true);
      }}
      onPointerLeave={() => turn(false)}
      onFocus={({ target }) => {
        if (target.matches(':focus-visible')) turn(true);
      }}
      onBlur={() => turn(false)}
      onClick={() => {
        clearTimeout(timer.current);
        setOpen(false);
      }}
    >
      {props.children}
      {isOpen && (
        <Card
          {...props}
          trigger={trigger}
          onClose={() => setOpen(false)}
          onPointed={turn}
        />
      )}
    </span>
  );
}

function Card(props: {
  entityRef: string;
  trigger: RefObject<HTMLElement>;
  onClose(): void;
  onPointed(isPointed: boolean): void;
}) {
  const { entityRef, onClose, onPointed } = props;
  // Whoever points at a link has the keyboard elsewhere.
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') onClose();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onClose]);
  const catalogApi = useApiHolder().get(catalogApiRef);
  const entity = useLoad(entityRef, async () => {
    const found = await catalogApi?.getEntityByRef(entityRef);
    return found ?? null;
  });
  const { t } = useTranslationRef(agentsReactTranslationRef);
  return (
    <Popover
      triggerRef={props.trigger}
      isOpen
      isNonModal
      hideArrow
      placement="bottom start"
      onOpenChange={open => {
        if (!open) onClose();
      }}
    >
      <div
        className={styles.card}
        onPointerEnter={() => onPointed(true)}
        onPointerLeave={() => onPointed(false)}
      >
        {entity.value && <About entity={entity.value} />}
        {entity.isPending && <LinesSkeleton lines={3} />}
        {(entity.value === null || (entity.error && !entity.value)) && (
          <p className={styles.quiet}>{t('feedback.notThere')}</p>
        )}
      </div>
    </Popover>
  );
}

/** What one wants to know of it before one goes there. */
function About({ entity }: { entity: Entity }) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const entityLink = useEntityRefLink();
  const refsOf = (relation: string) =>
    getEntityRelations(entity, relation).map(each => stringifyEntityRef(each));
  const owners = refsOf(RELATION_OWNED_BY);
  const teams = refsOf(RELATION_MEMBER_OF).slice(0, MOST_TEAMS);
  const server = isToolEntity(entity) ? [entity.spec.providedBy] : [];
  const refs = [...owners, ...teams, ...server];
  const titles = useTitles(refs.length > 0 ? refs : undefined);
  const named = (of: string[]) =>
    of.map(ref => titles?.get(ref) ?? nameOfRef(ref)).join(', ');
  const ref = stringifyEntityRef(entity);
  const title = titleOf(entity);
  const { description } = entity.metadata;
  const { email } = (entity.spec?.profile ?? {}) as { email?: unknown };
  const kind = entity.kind.toLocaleLowerCase('en-US');
  const known = KINDS.find(each => each === kind);
  const isPerson = kind === 'user';
  if (refs.length > 0 && !titles) return <LinesSkeleton lines={3} />;
  const members = refsOf(RELATION_HAS_MEMBER).length;
  return (
    <>
      <div className={styles.head}>
        {isAgentEntity(entity) && <AgentAvatar name={ref} />}
        {(isPerson || kind === 'group') && (
          <Avatar src="" name={title} size="medium" purpose="decoration" />
        )}
        <div className={styles.names}>
          <p className={styles.title}>{title}</p>
          <p className={styles.quiet}>
            {isPerson && teams.length > 0 && named(teams)}
            {!(isPerson && teams.length > 0) &&
              (known ? t(`hoverCard.kind.${known}`) : entity.kind)}
          </p>
        </div>
      </div>
      {description && <p className={styles.text}>{description}</p>}
      <div className={styles.facts}>
        {isAgentEntity(entity) && (
          <>
            <LifecycleTag lifecycle={entity.spec.lifecycle} />
            <AutonomyDots level={entity.spec.autonomy} withLabel />
          </>
        )}
        {isToolEntity(entity) && <RiskBadge tier={entity.spec.riskTier} />}
        {server.length > 0 && (
          <span>{t('hoverCard.server', { server: named(server) })}</span>
        )}
        {kind === 'group' && members > 0 && (
          <span>{t('hoverCard.members', { count: members })}</span>
        )}
        {owners.length > 0 && (
          <span>{t('hoverCard.owner', { owner: named(owners) })}</span>
        )}
      </div>
      {isAgentEntity(entity) && (
        <RouterLink href={`${entityLink(ref)}/chat`}>
          {t('hoverCard.chat')}
        </RouterLink>
      )}
      {typeof email === 'string' && email && (
        <a href={`mailto:${encodeURIComponent(email)}`}>{email}</a>
      )}
    </>
  );
}
