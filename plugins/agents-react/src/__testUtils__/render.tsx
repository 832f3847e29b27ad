import { mockApis, TestApiProvider } from '@backstage/frontend-test-utils';
import { render as renderAlone } from '@testing-library/react';
import type { ReactElement, ReactNode } from 'react';

const APIS = [mockApis.translation(), mockApis.error()] as const;

function WithWords({ children }: { children: ReactNode }) {
  return <TestApiProvider apis={APIS}>{children}</TestApiProvider>;
}

/** Renders a part without an app around it, but with the words that it says. */
export function render(element: ReactElement) {
  return renderAlone(element, { wrapper: WithWords });
}
