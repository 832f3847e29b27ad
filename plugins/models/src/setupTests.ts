import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Real servers answer, on machines that may have much else to do.
configure({ asyncUtilTimeout: 15_000 });
jest.setTimeout(60_000);

// The editor measures text, which nothing has a size for here.
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
