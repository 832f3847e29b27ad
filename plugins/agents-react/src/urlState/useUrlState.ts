import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useAppLocation, useAppNavigate } from '@backstage/frontend-plugin-api';

/**
 * The keys of a page's state with their defaults: a text, or a list of texts for
 * parameters that repeat.
 *
 * @public
 */
export type UrlStateDefaults = Record<string, string | readonly string[]>;

/** What a default says about the values of its key. */
type UrlStateOf<TDefaults extends UrlStateDefaults> = {
  [K in keyof TDefaults]: TDefaults[K] extends string ? string : string[];
};

/**
 * Changes some of the state. `replace` leaves no entry in the browser's history:
 * for typing in a search field.
 *
 * @public
 */
export type UrlStateUpdate<TDefaults extends UrlStateDefaults> = (
  changes: Partial<{
    [K in keyof TDefaults]: TDefaults[K] extends string
      ? string
      : readonly string[];
  }>,
  options?: { replace?: boolean },
) => void;

/**
 * State of a page that lives in the query string, so that a link to the page is a
 * link to what is seen. Values equal to their default are left out of the URL;
 * parameters of others are kept.
 *
 * @param defaults - must be stable: define it outside of the component
 * @public
 */
export function useUrlState<const TDefaults extends UrlStateDefaults>(
  defaults: TDefaults,
): [UrlStateOf<TDefaults>, UrlStateUpdate<TDefaults>] {
  const navigate = useAppNavigate();
  const query = useAppLocation().search.replace(/^\?/, '');

  // Two updates in one tick must both count, and the second one is made before
  // the location of the first is rendered.
  const latest = useRef(query);
  useEffect(() => {
    latest.current = query;
  }, [query]);

  const state = useMemo(() => {
    const current = new URLSearchParams(query);
    return Object.fromEntries(
      Object.entries(defaults).map(([key, fallback]) => [
        key,
        typeof fallback === 'string'
          ? current.get(key) ?? fallback
          : valuesOf(current, key, fallback),
      ]),
    ) as UrlStateOf<TDefaults>;
  }, [query, defaults]);

  const update = useCallback<UrlStateUpdate<TDefaults>>(
    (changes, options) => {
      const next = new URLSearchParams(latest.current);
      for (const [key, value] of Object.entries(changes)) {
        next.delete(key);
        const values: readonly string[] =
          typeof value === 'string' ? [value] : value ?? [];
        if (!sameValues(values, defaults[key] ?? [])) {
          values.forEach(each => next.append(key, each));
        }
      }
      latest.current = next.toString();
      // An empty target is the page without its query.
      navigate(latest.current && `?${latest.current}`, {
        replace: options?.replace,
      });
    },
    [defaults, navigate],
  );

  return [state, update];
}

function valuesOf(
  params: URLSearchParams,
  key: string,
  fallback: readonly string[],
): string[] {
  const values = params.getAll(key);
  return values.length > 0 ? values : [...fallback];
}

function sameValues(
  values: readonly string[],
  fallback: string | readonly string[],
): boolean {
  const list = typeof fallback === 'string' ? [fallback] : fallback;
  return (
    values.length === list.length &&
    values.every((value, index) => value === list[index])
  );
}
