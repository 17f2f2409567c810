import type { Connection, StreamConnection } from './connection-options.ts';

/** How long a hidden page keeps its streams, in milliseconds. */
export const GRACE_MS = 5 * 60_000;

/** Whether the user sees a page or an app. */
export interface Visibility {
	/** Returns whether the user does not see it. */
	isHidden(): boolean;
	/** Returns whether it plays media, which a user may follow while it is hidden. */
	playsMedia(): boolean;
}

/** Manages the streams of a page while it is hidden. */
export interface Hiding {
	/** Whether the streams have ended, until the user sees the page or it plays media. */
	readonly rests: boolean;
	/** Checks the page, and streams that are new. */
	look(): void;
	/** Ends the streams, if the page is hidden and plays no media. */
	end(): void;
	/** Resumes the streams, unless they rest. */
	resume(): void;
	stop(): void;
}

/**
 * Slows the streams of a hidden page at once; ends them after 5 minutes, unless it plays media.
 * The streams resume from their positions when the user sees the page again.
 *
 * @param onRest called when the streams end.
 */
export function createHiding(
	{ isHidden, playsMedia }: Visibility,
	streams: () => readonly StreamConnection[],
	onRest = () => {},
): Hiding {
	let rests = false;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function end(): void {
		timer = undefined;
		rests = isHidden() && !playsMedia();
		if (rests) onRest();
		look();
	}

	function look(): void {
		const hidden = isHidden();
		const woke = rests && (!hidden || playsMedia());
		if (woke) rests = false;
		if (!hidden || rests) {
			clearTimeout(timer);
			timer = undefined;
		} else timer ??= setTimeout(end, GRACE_MS);
		for (const stream of streams()) {
			stream.setPace(hidden ? 'slow' : 'normal');
			if (rests) stream.suspend();
			else if (woke) stream.resume();
		}
	}

	return {
		get rests() {
			return rests;
		},
		look,
		end,
		resume() {
			look();
			if (!rests) for (const stream of streams()) stream.resume();
		},
		stop: () => clearTimeout(timer),
	};
}

/** Returns the connection of a page or app that has its stream to itself. */
export function withHiding(stream: StreamConnection, hiding: Hiding, closing: AbortSignal): Connection {
	closing.addEventListener('abort', hiding.stop);
	hiding.look();
	return {
		get state() {
			return stream.state;
		},
		get gateway() {
			return stream.gateway;
		},
		follow: stream.follow,
		unfollow: stream.unfollow,
		resume: hiding.resume,
		suspend: stream.suspend,
		close: stream.close,
	};
}
