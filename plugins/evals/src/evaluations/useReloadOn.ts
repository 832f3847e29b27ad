import type { Pages } from '@agentportal/plugin-agents-react';
import { useEffect, useRef } from 'react';

/** Reads the first page again when there is news; what was loaded on demand stays where it is. */
export function useReloadOn(
  news: number,
  { items, reload }: Pages<unknown>,
  pageSize: number,
): void {
  const seen = useRef(news);
  const isShort = items.length <= pageSize;
  useEffect(() => {
    if (seen.current !== news && isShort) {
      seen.current = news;
      reload();
    }
  }, [isShort, news, reload]);
}
