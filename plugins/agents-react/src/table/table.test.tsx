import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { usePages, type Page } from '../loading';
import { PagedTable } from './PagedTable';

let answers: Array<Page<string> | Error>;

function Names() {
  const pages = usePages<string>('names', async () => {
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return (
    <PagedTable
      pages={pages}
      columns={[{ label: 'Name' }, { label: 'Actions', isUnseen: true }]}
      failure="The names could not be read"
      safe="They are kept."
      empty="Nobody is here"
      row={name => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td />
        </tr>
      )}
    />
  );
}

describe('a table that grows', () => {
  it('shows more on demand, and keeps what it has when more cannot be read', async () => {
    answers = [
      { items: ['Ada'], nextCursor: 'a' },
      new Error('Away'),
      { items: ['Bo'] },
    ];
    await renderInTestApp(<Names />);
    expect(await screen.findByRole('row', { name: 'Ada' })).toBeVisible();
    expect(screen.getByRole('columnheader', { name: 'Actions' })).toBeVisible();
    const more = () =>
      userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    await more();
    expect(await screen.findByRole('status')).toHaveTextContent('known last');
    expect(screen.getByRole('row', { name: 'Ada' })).toBeVisible();
    await more();
    expect(await screen.findByRole('row', { name: 'Bo' })).toBeVisible();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('says that there is nothing, once that is known', async () => {
    answers = [{ items: [] }];
    await renderInTestApp(<Names />);
    expect(await screen.findByText('Nobody is here')).toBeVisible();
    expect(screen.queryByRole('table')).not.toBeInTheDocument();
  });

  it('says what is safe when nothing can be read, and tries again', async () => {
    answers = [new Error('Away'), { items: ['Ada'] }];
    await renderInTestApp(<Names />);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /The names could not be read.*They are kept\./,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('row', { name: 'Ada' })).toBeVisible();
  });
});
