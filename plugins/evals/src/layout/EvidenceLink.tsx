import { RouterLink } from '@backstage/frontend-plugin-api';
import type { ReactNode } from 'react';

/** A link to where a figure comes from, within the portal; an address elsewhere is not followed. */
export function EvidenceLink(props: {
  path: string | undefined;
  children: ReactNode;
}) {
  return props.path && /^\/(?![/\\])/.test(props.path) ? (
    <RouterLink href={props.path}>{props.children}</RouterLink>
  ) : null;
}
