import { useEffect } from 'react';

/**
 * Calls the browser tab so for as long as the page is there. The catalog names the pages of entities too, and writes
 * the name in the ref over the title as soon as it has looked that up.
 */
export function useHeldTitle(title: string) {
  useEffect(() => {
    const hold = () => {
      if (document.title !== title) document.title = title;
    };
    hold();
    const observer = new MutationObserver(hold);
    observer.observe(document.head, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return () => observer.disconnect();
  }, [title]);
}
