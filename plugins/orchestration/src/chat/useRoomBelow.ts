import { useLayoutEffect, useRef } from 'react';

/**
 * Tells an element, as `--above`, how much of the page is above it, so that it can take the rest of the window: what is
 * there grows and shrinks with the name, the notices and the width.
 */
export function useRoomBelow<T extends HTMLElement>() {
  const place = useRef<T>(null);
  useLayoutEffect(() => {
    const measure = () => {
      const element = place.current;
      const top = element?.getBoundingClientRect().top ?? 0;
      element?.style.setProperty(
        '--above',
        `${Math.round(top + window.scrollY)}px`,
      );
    };
    measure();
    if (typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  return place;
}
