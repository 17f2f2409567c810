import type { ErrorCode } from '@likewire/protocol';
import type { ConnectionState } from '../connection-options.ts';
import type { LikewireErrorCode } from '../errors.ts';

/** An event of a stream, as the connection of a client takes it. */
export type TabEvent = readonly [event: string, data: unknown, cursor: string | undefined];

/** What a tab sends to the leader: all topics that it follows, and its position in each log. */
export interface WantedTopics {
	readonly kind: 'wish';
	readonly from: string;
	readonly topics: readonly (readonly [name: string, cursor: string | undefined])[];
}

/** What the leader, the tab with the stream, sends to the others. */
export type LeaderMessage =
	/** This tab has the stream from now on: the others send their topics. */
	| { readonly kind: 'lead'; readonly isHidden: boolean }
	/**
	 * The page of the leader became hidden or visible.
	 * `rests`: it ended the stream until a tab is visible or plays media.
	 */
	| { readonly kind: 'hidden'; readonly isHidden: boolean; readonly rests: boolean }
	| { readonly kind: 'state'; readonly state: ConnectionState; readonly gateway: number }
	/** A stream opened that follows these topics. */
	| { readonly kind: 'opened'; readonly region: string; readonly gateway: number; readonly names: readonly string[] }
	/** The leader follows these topics for a tab; `events` hold their state. */
	| {
			readonly kind: 'joined';
			readonly to: string;
			readonly names: readonly string[];
			readonly events: readonly TabEvent[];
			/** The region and the address of the open stream. */
			readonly open: { readonly region: string; readonly gateway: number } | undefined;
			readonly state: ConnectionState;
			readonly isHidden: boolean;
			readonly rests: boolean;
	  }
	| { readonly kind: 'event'; readonly name: string; readonly event: TabEvent }
	| { readonly kind: 'refused'; readonly name: string; readonly code: ErrorCode }
	| {
			readonly kind: 'error';
			readonly code: LikewireErrorCode;
			readonly message: string;
			readonly retryable: boolean;
			readonly retryAfterMs: number | undefined;
	  };

/** A message on the channel; `by` is the tab that sends it. */
export type TabMessage = WantedTopics | (LeaderMessage & { readonly by: string });
