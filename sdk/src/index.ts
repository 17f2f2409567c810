export type { LikeAnswer, LikesEvent, RecentLike, Totals } from '@likewire/protocol';
export { type Client, type ClientEvents, createClient } from './client.ts';
export type { ConnectionState } from './connection.ts';
export type { Unbind } from './emitter.ts';
export { LikewireError, type LikewireErrorCode } from './errors.ts';
export type { ClientOptions } from './options.ts';
export type { LikesUpdate, VideoEvents } from './topic.ts';
export type { Video } from './video.ts';
