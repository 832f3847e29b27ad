import '@testing-library/jest-dom';

// The editor measures text, which nothing has a size for here.
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
