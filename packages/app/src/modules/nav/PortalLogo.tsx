import { sidebarConfig, useSidebarOpenState } from '@backstage/core-components';
import { RouterLink, useTranslationRef } from '@backstage/frontend-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import { portalTranslationRef } from '../../translation';

const useStyles = makeStyles({
  root: {
    height: 3 * sidebarConfig.logoHeight,
    display: 'flex',
    alignItems: 'center',
    paddingLeft: 22,
  },
  link: {
    display: 'flex',
    alignItems: 'center',
    gap: 12,
    color: '#fff',
    fontWeight: 600,
    fontSize: 16,
    whiteSpace: 'nowrap',
    textDecoration: 'none',
    '&:hover': { color: '#fff' },
  },
});

/** The mark of the portal: a doorway with someone in it. */
function Mark() {
  return (
    <svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
      <rect x="2" y="2" width="24" height="24" rx="7" fill="#3dd6c4" />
      <path
        d="M8 24V13a6 6 0 0 1 12 0v11"
        fill="none"
        stroke="#0b2b33"
        strokeWidth="2.4"
      />
      <circle cx="14" cy="14.5" r="2.4" fill="#0b2b33" />
    </svg>
  );
}

export function PortalLogo() {
  const classes = useStyles();
  const { isOpen } = useSidebarOpenState();
  const { t } = useTranslationRef(portalTranslationRef);
  return (
    <div className={classes.root}>
      <RouterLink href="/" className={classes.link} aria-label={t('nav.home')}>
        <Mark />
        {isOpen && <span>Agent Portal</span>}
      </RouterLink>
    </div>
  );
}
