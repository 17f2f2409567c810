declare function LikewireProvider({ children, ...props }: LikewireProviderProps): ReactElement;
declare function useComments(video: string, { pageSize, max }?: CommentsOptions): Comments;
declare function useConnectionState(): ConnectionState;
declare function useLiveVideo(video: string): LiveVideo;
declare function usePresence(users: readonly string[]): Readonly<Record<string, UserPresence>>;
declare function useReactions(video: string): Reactions;
declare function useTyping(conversation: string): Typing;
declare function useVideoEvent<Name extends keyof VideoEvents>(video: string, name: Name, listener: (data: VideoEvents[Name]) => void): void;
declare function useViewers(video: string): number | undefined;
export type { CommentEntry, Comments, CommentsOptions, CommentsState, LikewireProviderProps, LiveVideo, Reactions, Typing };
export { LikewireProvider, useComments, useConnectionState, useLiveVideo, usePresence, useReactions, useTyping, useVideoEvent, useViewers };
import { Comment, DeleteCommentAnswer, LikeAnswer, Totals, CommentAnswer } from '@likewire/protocol';
import { LikewireError, Client, ClientOptions, UserPresence, LikeOptions, CommentOptions, ConnectionState, VideoEvents } from './index.js';
import { ReactNode, ReactElement } from 'react';
interface CommentEntry extends Omit<Comment, 'user' | 'region' | 'video'> {
    readonly key: string;
    readonly user: string | undefined;
    readonly region: string | undefined;
    readonly status: 'sent' | 'sending' | 'failed';
    readonly error?: LikewireError | undefined;
}
interface Comments extends CommentsState {
    readonly loadMore: () => Promise<void>;
    readonly send: (text: string, options?: {
        readonly parent?: string | undefined;
    }) => Promise<void>;
    readonly retry: (id: string) => Promise<void>;
    readonly discard: (id: string) => void;
    readonly remove: (comment: Pick<Comment, 'id' | 'user'> | CommentEntry) => Promise<DeleteCommentAnswer>;
    readonly like: (comment: Pick<Comment, 'id' | 'user'> | CommentEntry, type?: string) => Promise<LikeAnswer>;
}
interface CommentsOptions {
    readonly pageSize?: number | undefined;
    readonly max?: number | undefined;
}
interface CommentsState {
    readonly comments: readonly CommentEntry[];
    readonly loading: boolean;
    readonly hasMore: boolean;
    readonly error: LikewireError | undefined;
}
interface LiveVideo extends Reactions {
    readonly viewers: number | undefined;
    readonly ended: boolean;
    readonly comment: (text: string, options?: CommentOptions) => Promise<CommentAnswer>;
}
interface Reactions {
    readonly totals: Totals;
    readonly like: (type?: string, options?: LikeOptions) => Promise<LikeAnswer>;
}
interface Typing {
    readonly users: readonly string[];
    readonly typing: (on?: boolean) => void;
}
type LikewireProviderProps = {
    readonly children?: ReactNode;
} & ({
    readonly client: Client;
} | ({
    readonly client?: undefined;
} & ClientOptions));
