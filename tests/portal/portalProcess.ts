// The whole portal in production, with a sign-in for the people of tests.
import { createPortal } from '../../packages/backend/src/portal';
import { authModuleTestProvider } from './testSignIn';

const portal = createPortal();
portal.add(authModuleTestProvider);
portal.start();
