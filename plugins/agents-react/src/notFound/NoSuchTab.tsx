import {
  useAppLocation,
  useRouteRef,
  type RouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { ButtonLink, Container } from '@backstage/ui';
import { agentsReactTranslationRef } from '../translation';
import { EmptyHint, RefusedHint } from '../feedback';

/**
 * What a page with tabs says where none of its tabs is: a page that this person is not offered, or one
 * that nobody has. Backstage shows nothing there.
 *
 * @param props.offered - the paths of the tabs that are there
 * @param props.refused - what somebody is told of a tab that only some people are offered, by its path
 * @public
 */
export function NoSuchTab(props: {
  routeRef: RouteRef;
  offered: readonly string[];
  refused: Record<string, string>;
}) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { pathname } = useAppLocation();
  const base = useRouteRef(props.routeRef)?.().replace(/\/$/, '');
  if (base === undefined || !pathname.startsWith(`${base}/`)) {
    return null;
  }
  const [tab] = pathname.slice(base.length + 1).split('/');
  if (!tab || props.offered.includes(tab)) {
    return null;
  }
  const refused = props.refused[tab];
  return (
    <Container>
      {refused ? (
        <RefusedHint refusal={{ kind: 'notAllowed', message: refused }} />
      ) : (
        <EmptyHint
          title={t('noSuchTab.thereIsNoSuchPage')}
          actions={
            <ButtonLink variant="secondary" href={base}>
              {t('noSuchTab.toTheFirstOne')}
            </ButtonLink>
          }
        >
          {t('noSuchTab.theAddressMayBeMistyped')}
        </EmptyHint>
      )}
    </Container>
  );
}
