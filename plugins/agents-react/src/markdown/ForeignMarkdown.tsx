import { CodeSnippet } from '@backstage/core-components';
import { createContext, useContext, type ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import styles from './markdown.module.css';

const InsideLink = createContext(false);

/**
 * Opens in a tab of its own and says nothing of where the reader came from. A
 * plain anchor, because foreign text may hold addresses that no router takes.
 */
function Out(props: { href?: string; children?: ReactNode }) {
  const isInside = useContext(InsideLink);
  if (!props.href || isInside) {
    return <>{props.children}</>;
  }
  return (
    <InsideLink.Provider value>
      <a href={props.href} target="_blank" rel="noopener noreferrer nofollow">
        {props.children}
      </a>
    </InsideLink.Provider>
  );
}

const COMPONENTS: Components = {
  a: ({ href, children }) => <Out href={href}>{children}</Out>,
  // A picture would tell its server who reads, and could carry text out in its
  // address. Whoever wants to see it follows the link.
  img: ({ src, alt }) => (
    <Out href={typeof src === 'string' ? src : undefined}>
      {alt || 'Picture'}
    </Out>
  ),
  pre: ({ children }) => <>{children}</>,
  code: ({ className, children }) => {
    const text = String(children).replace(/\n$/, '');
    const language = /language-(\w+)/.exec(className ?? '')?.[1];
    return language || text.includes('\n') ? (
      <CodeSnippet language={language ?? 'text'} text={text} />
    ) : (
      <code>{children}</code>
    );
  },
};

/**
 * Markdown of models, tools and their servers: nothing in it is loaded from
 * elsewhere, no HTML in it is rendered, and its links open outside.
 *
 * @public
 */
export function ForeignMarkdown({ content }: { content: string }) {
  return (
    <div className={styles.markdown}>
      <Markdown remarkPlugins={[remarkGfm]} components={COMPONENTS} skipHtml>
        {content}
      </Markdown>
    </div>
  );
}
