import { useSidebarPinState } from '@backstage/core-components';
import useMediaQuery from '@material-ui/core/useMediaQuery';
import { useEffect } from 'react';

const NARROW = '(max-width: 1023px)';
/** That the sidebar was folded for want of room, and not by the person. */
const KEY = 'agent-portal.sidebar-folded';

/** Folds the sidebar in a narrow window, and unfolds it in a wide one; who unfolds it by hand keeps it. */
export function useNarrowSidebar() {
  const isNarrow = useMediaQuery(NARROW, { noSsr: true });
  const { isMobile, isPinned, toggleSidebarPinState } = useSidebarPinState();
  useEffect(() => {
    const isFolded = localStorage.getItem(KEY) !== null;
    if (isNarrow && isPinned && !isFolded && !isMobile) {
      localStorage.setItem(KEY, '');
      toggleSidebarPinState();
    }
    if (!isNarrow && isFolded) {
      localStorage.removeItem(KEY);
      if (!isPinned) toggleSidebarPinState();
    }
    // What the person does with it between two widths is theirs to decide.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isNarrow]);
}
