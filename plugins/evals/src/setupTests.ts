import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Real servers answer, on machines that may have much else to do.
configure({ asyncUtilTimeout: 5_000 });
jest.setTimeout(30_000);
