export { AgentAvatar } from './AgentAvatar';
export type { AgentAvatarProps, AgentAvatarSize } from './AgentAvatar';
export { faceOf } from './face';
export type { AgentFace } from './face';
