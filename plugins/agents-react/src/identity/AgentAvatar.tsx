import { faceOf, type AgentFace } from './face';
import styles from './AgentAvatar.module.css';

/**
 * Named sizes of an avatar: 20, 28, 40, 56 and 72 pixels.
 *
 * @public
 */
export type AgentAvatarSize =
  | 'x-small'
  | 'small'
  | 'medium'
  | 'large'
  | 'x-large';

/**
 * Props of {@link AgentAvatar}.
 *
 * @public
 */
export interface AgentAvatarProps {
  /** Entity ref of the agent, or its name. */
  name: string;
  /** A named size or pixels; `medium` (40 px) unless told. */
  size?: AgentAvatarSize | number;
  /** Read out by screen readers; without it the face is decoration. */
  label?: string;
}

const PIXELS: Record<AgentAvatarSize, number> = {
  'x-small': 20,
  small: 28,
  medium: 40,
  large: 56,
  'x-large': 72,
};

function Head({ face }: { face: AgentFace }) {
  switch (face.headShape) {
    case 'round':
      return <circle cx="20" cy="21" r="11" fill={face.head} />;
    case 'tall':
      return (
        <rect x="11" y="9" width="18" height="23" rx="7" fill={face.head} />
      );
    case 'hexagon':
      return (
        <path
          d="M14 11h12l6 10-6 10H14L8 21z"
          fill={face.head}
          stroke={face.head}
          strokeWidth="2"
          strokeLinejoin="round"
        />
      );
    default:
      return (
        <rect x="9" y="11" width="22" height="20" rx="4.5" fill={face.head} />
      );
  }
}

function Eyes({ face }: { face: AgentFace }) {
  const fill = face.background;
  switch (face.eyes) {
    case 'bars':
      return (
        <g fill={fill}>
          <rect x="15" y="16" width="2.6" height="6" rx="1.3" />
          <rect x="22.4" y="16" width="2.6" height="6" rx="1.3" />
        </g>
      );
    case 'wide':
      return (
        <g fill={fill}>
          <circle cx="15.8" cy="19" r="3" />
          <circle cx="24.2" cy="19" r="3" />
          <circle cx="16.6" cy="18.2" r="1" fill={face.head} />
          <circle cx="25" cy="18.2" r="1" fill={face.head} />
        </g>
      );
    case 'visor':
      return (
        <g>
          <rect x="13" y="16" width="14" height="5.6" rx="2.8" fill={fill} />
          <circle cx="17" cy="18.8" r="1.2" fill={face.head} />
          <circle cx="23" cy="18.8" r="1.2" fill={face.head} />
        </g>
      );
    default:
      return (
        <g fill={fill}>
          <circle cx="16" cy="19" r="2" />
          <circle cx="24" cy="19" r="2" />
        </g>
      );
  }
}

function Mouth({ face }: { face: AgentFace }) {
  const stroke = {
    stroke: face.background,
    strokeWidth: 1.8,
    strokeLinecap: 'round' as const,
    fill: 'none',
  };
  switch (face.mouth) {
    case 'line':
      return <path d="M17 26h6" {...stroke} />;
    case 'smile':
      return <path d="M16.5 25c1.6 2 5.4 2 7 0" {...stroke} />;
    case 'grille':
      return <path d="M16.5 25v2M20 25v2M23.5 25v2" {...stroke} />;
    default:
      return null;
  }
}

function Antenna({ face }: { face: AgentFace }) {
  if (face.antenna === 'none') {
    return null;
  }
  const feet = face.antenna === 'one' ? [20] : [15, 25];
  return (
    <g fill={face.head} stroke={face.head} strokeWidth="1.6">
      {feet.map(x => (
        <g key={x}>
          <path d={`M${x} 12V6.5`} />
          <circle cx={x} cy="6" r="1.4" />
        </g>
      ))}
    </g>
  );
}

/**
 * The face of an agent, drawn from its name: stable, two colours, the same in
 * a card, a chat, a run and a graph. Takes no network and no storage.
 *
 * @public
 */
export function AgentAvatar(props: AgentAvatarProps) {
  const { name, size = 'medium', label } = props;
  const pixels = typeof size === 'number' ? size : PIXELS[size];
  const face = faceOf(name);
  return (
    <svg
      className={styles.avatar}
      width={pixels}
      height={pixels}
      viewBox="0 0 40 40"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      focusable="false"
    >
      <rect width="40" height="40" rx="10" fill={face.background} />
      <Antenna face={face} />
      <Head face={face} />
      <Eyes face={face} />
      <Mouth face={face} />
    </svg>
  );
}
