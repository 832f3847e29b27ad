import { render, waitFor } from '@testing-library/react';
import { useHeldTitle } from './useHeldTitle';

function Header({ title }: { title: string }) {
  useHeldTitle(title);
  return null;
}

it('stays where others write over it, until the page is gone', async () => {
  document.title = 'Before';
  const { rerender, unmount } = render(<Header title="Order Desk | Chat" />);
  expect(document.title).toBe('Order Desk | Chat');
  document.title = 'order-desk | Chat';
  await waitFor(() => expect(document.title).toBe('Order Desk | Chat'));
  rerender(<Header title="Order Desk | Runs" />);
  expect(document.title).toBe('Order Desk | Runs');
  unmount();
  document.title = 'Runs';
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(document.title).toBe('Runs');
});
