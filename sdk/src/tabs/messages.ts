import type { ErrorCode } from '@likewire/protocol';
import type { ConnectionState } from '../connection-options.ts';
import type { LikewireErrorCode } from '../errors.ts';

/** An event of a stream, as the connection of a client takes it. */
export type TabEvent = readonly [event: string, data: unknown, cursor: string | undefined];

/** What a tab tells the one that has the stream: all that it follows, and where it is in each log. */
export interface Wish {
	readonly kind: 'wish';
	readonly from: string;
	readonly topics: readonly (readonly [name: string, cursor: string | undefined])[];
}

/** What the tab with the stream tells the others. */
export type Told =
	/** This tab has the stream from now on: the others send their wishes. */
	| { readonly kind: 'lead'; readonly isHidden: boolean }
	/** The tab with the stream is hidden or seen; `rests`: it ends the stream, until a tab is seen or plays media. */
	| { readonly kind: 'hidden'; readonly isHidden: boolean; readonly rests: boolean }
	| { readonly kind: 'state'; readonly state: ConnectionState; readonly gateway: number }
	/** A stream opened that follows these topics. */
	| { readonly kind: 'opened'; readonly region: string; readonly gateway: number; readonly names: readonly string[] }
	/** These topics are followed for a tab; `events` show it where they stand. */
	| {
			readonly kind: 'joined';
			readonly to: string;
			readonly names: readonly string[];
			readonly events: readonly TabEvent[];
			/** Of the stream that is open. */
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

/** What goes over the channel; `by` names the tab that tells. */
export type TabMessage = Wish | (Told & { readonly by: string });
