import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { modelsRouteRef } from '../routes';

interface KeyNameProps {
  id: string;
  /** Not known of keys that the person may not see. */
  title?: string;
}

/** The title of a key with a way to its details, or its id alone. */
export function KeyName({ id, title }: KeyNameProps) {
  const modelsPath = useRouteRef(modelsRouteRef);
  return title && modelsPath ? (
    <Link href={`${modelsPath()}/keys?key=${id}`}>{title}</Link>
  ) : (
    <code>{id}</code>
  );
}
