import { diffTotals, encodeEvent, type HelloEvent, type LikesEvent, type Totals } from '@likewire/protocol';
import type { Sample } from '../delivery/sample.ts';

/** A state of a topic as it was flushed to viewers. Connections remember which one they were told last. */
export interface Version {
	readonly totals: Totals;
	readonly revision: number;
	readonly at: number;
	/** Some of the likes that this version added to the one before it. */
	readonly sample: Sample;
}

const encoder = new TextEncoder();

/** A comment: keeps a stream busy without an event. */
export const COMMENT_FRAME = encoder.encode(': ok\n\n');

/**
 * The first bytes of a stream: how long a client waits before it comes back, and the comment that pushes the header's
 * end out, which uWebSockets.js holds until the next write.
 */
export function openingFrame(retryMs: number, hello: HelloEvent): Uint8Array {
	return encoder.encode(`: ok\nretry: ${retryMs}\n\n${encodeEvent('hello', hello)}`);
}

export function heartbeatFrame(at: number): Uint8Array {
	return encoder.encode(encodeEvent('heartbeat', { at }));
}

/** What brings a viewer from the version it was told, or from nothing, to `version`; `news` is a sample of what is new. */
export function likesFrame(video: string, told: Version | undefined, version: Version, news: Sample): Uint8Array {
	return encoder.encode(encodeEvent('likes', likesEvent(video, told, version, news)));
}

function likesEvent(video: string, told: Version | undefined, version: Version, news: Sample): LikesEvent {
	const { totals, revision, at } = version;
	if (told === undefined) return { video, totals, delta: {}, recent: [], shown: 0, of: 0, revision, at };
	const delta = diffTotals(told.totals, totals);
	const recent = withinDelta(news, delta);
	return { video, totals, delta, recent, shown: recent.length, of: addedIn(delta), revision, at };
}

/** The likes of a sample in the order of time, no more of a type than the delta has: some may be taken back already. */
function withinDelta(sample: Sample, delta: Totals): Sample {
	const left: Record<string, number> = { ...delta };
	return sample
		.filter(({ type }) => {
			left[type] = (left[type] ?? 0) - 1;
			return left[type] >= 0;
		})
		.sort((a, b) => a.at - b.at);
}

function addedIn(delta: Totals): number {
	return Object.values(delta).reduce((sum, change) => sum + Math.max(0, change), 0);
}
