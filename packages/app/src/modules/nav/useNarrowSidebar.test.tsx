import { SidebarPage, useSidebarPinState } from '@backstage/core-components';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useNarrowSidebar } from './useNarrowSidebar';

let width: number;
const listeners = new Set<(event: { matches: boolean }) => void>();

/** A window of which a test decides the width. */
function matchMedia(query: string) {
  const [, most] = /max-width:\s*([\d.]+)px/.exec(query) ?? [];
  return {
    get matches() {
      return width <= Number(most);
    },
    addListener: (listener: () => void) => listeners.add(listener),
    removeListener: (listener: () => void) => listeners.delete(listener),
    addEventListener: () => {},
    removeEventListener: () => {},
  };
}

function becomes(px: number) {
  width = px;
  act(() => listeners.forEach(listener => listener({ matches: false })));
}

function Sidebar() {
  useNarrowSidebar();
  const { isPinned, toggleSidebarPinState } = useSidebarPinState();
  return (
    <button type="button" onClick={toggleSidebarPinState}>
      {isPinned ? 'Wide' : 'Folded'}
    </button>
  );
}

const open = () =>
  renderInTestApp(
    <SidebarPage>
      <Sidebar />
    </SidebarPage>,
  );
const state = () => screen.getByRole('button').textContent;

describe('the sidebar in a narrow window', () => {
  const original = window.matchMedia;
  beforeEach(() => {
    localStorage.clear();
    listeners.clear();
    window.matchMedia = matchMedia as unknown as typeof window.matchMedia;
  });
  afterEach(() => {
    window.matchMedia = original;
  });

  it('folds for want of room, and unfolds with the window', async () => {
    width = 1400;
    await open();
    expect(state()).toBe('Wide');
    becomes(800);
    expect(state()).toBe('Folded');
    becomes(1400);
    expect(state()).toBe('Wide');
  });

  it('stays unfolded for who unfolds it there', async () => {
    width = 800;
    const { unmount } = await open();
    expect(state()).toBe('Folded');
    await userEvent.click(screen.getByRole('button'));
    unmount();
    await open();
    expect(state()).toBe('Wide');
  });

  it('leaves alone what somebody folded in a wide window', async () => {
    width = 1400;
    await open();
    await userEvent.click(screen.getByRole('button'));
    becomes(800);
    becomes(1400);
    expect(state()).toBe('Folded');
  });
});
