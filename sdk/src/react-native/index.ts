export type { Burst } from '../hearts/renderer.ts';
export * from './core.ts';
export type { NativeClientOptions } from './create-client.ts';
export type { AppStateLike, NativeEnvironment, NetInfoLike, NetworkState } from './environment.ts';
export { Hearts, type HeartsHandle, type HeartsProps, type ReactionDrawing } from './hearts.ts';
