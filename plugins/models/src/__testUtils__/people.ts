import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

/** A dialog as people use it: once it is there and has the keyboard. */
export async function openDialog() {
  const dialog = await screen.findByRole('dialog');
  await waitFor(() =>
    expect(dialog).toContainElement(document.activeElement as HTMLElement),
  );
  return within(dialog);
}

/** Picks from a list that is still being searched, which may lose a click. */
export async function pick(combobox: HTMLElement, option: RegExp) {
  const before = (combobox as HTMLInputElement).value;
  await waitFor(async () => {
    if ((combobox as HTMLInputElement).value === before) {
      await userEvent.click(screen.getByRole('option', { name: option }));
    }
    expect(combobox).not.toHaveValue(before);
  });
}
