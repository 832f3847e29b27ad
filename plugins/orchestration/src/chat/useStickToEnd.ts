import { useEffect, useRef, type RefObject } from 'react';

const NEAR_PX = 80;

/**
 * Keeps the end of a growing text in sight, unless the person has scrolled away
 * from it to read.
 *
 * @param version - changes whenever the text grows
 */
export function useStickToEnd(version: string): RefObject<HTMLDivElement> {
  const element = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);

  useEffect(() => {
    const node = element.current;
    if (!node) {
      return undefined;
    }
    const onScroll = () => {
      sticks.current =
        node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_PX;
    };
    node.addEventListener('scroll', onScroll, { passive: true });
    return () => node.removeEventListener('scroll', onScroll);
  }, []);

  useEffect(() => {
    const node = element.current;
    if (node && sticks.current) {
      node.scrollTop = node.scrollHeight;
    }
  }, [version]);

  return element;
}
