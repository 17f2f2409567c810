import { diffTotals, type Totals } from '@likewire/protocol';
import type { ExpectedLogs } from './comment-audit.ts';
import { Viewer } from './viewer.ts';

export interface AudienceOptions {
	readonly viewers: number;
	/** All viewers follow the first, and each follows one other. */
	readonly videos: readonly string[];
	/** The addresses of the frontends. */
	readonly urls: readonly string[];
	readonly random: () => number;
}

/** The totals that viewers should show, and the comments that they should have received. */
export interface Expected {
	readonly totals: ReadonlyMap<string, Totals>;
	readonly comments: ExpectedLogs;
}

/** All viewers of a drill, evenly distributed over the frontends. */
export class Audience {
	readonly viewers: readonly Viewer[];

	constructor({ viewers, videos, urls, random }: AudienceOptions) {
		const [hot = '', ...others] = videos;
		this.viewers = Array.from({ length: viewers }, (_, index) => {
			const other = others[Math.floor(index / urls.length) % Math.max(1, others.length)];
			const followed = index === 0 ? videos : [hot, ...(other === undefined ? [] : [other])];
			return new Viewer({
				name: `viewer-${index + 1}`,
				videos: followed,
				urls,
				home: index % urls.length,
				random,
			});
		});
	}

	/** The viewer that follows all videos, so it receives the most bytes. */
	get busiest(): Viewer {
		const [first] = this.viewers;
		if (first === undefined) throw new Error('the audience has no viewers');
		return first;
	}

	/** The viewers that are not paused. */
	get reading(): Viewer[] {
		return this.viewers.filter(({ paused }) => !paused);
	}

	/** Returns the reading viewers that show other totals, or miss a comment without a gap. */
	astray(expected: Expected): Viewer[] {
		return this.reading.filter((viewer) =>
			viewer.videos.some((video) => mismatchOf(viewer, video, expected) !== undefined),
		);
	}

	/** Describes the first mismatch of a reading viewer; undefined without one. */
	firstMismatch(expected: Expected): string | undefined {
		for (const viewer of this.reading) {
			for (const video of viewer.videos) {
				const mismatch = mismatchOf(viewer, video, expected);
				if (mismatch !== undefined) return `${viewer.name} ${mismatch} of ${video}`;
			}
		}
		return undefined;
	}

	/** Moves all viewers back to their first frontends. */
	goHome(): void {
		for (const viewer of this.viewers) viewer.goHome();
	}

	/** Returns the violations at viewers since the last call. */
	takeViolations(): string[] {
		return this.viewers.flatMap(({ violations }) => violations.splice(0));
	}

	/** Forgets the times of frames. */
	forgetFrames(): void {
		for (const { frames } of this.viewers) frames.clear();
	}

	/** Forgets the received events of logs. */
	forgetReceived(): void {
		for (const { received } of this.viewers) received.clear();
	}

	/** The number of ended streams. */
	get falls(): number {
		return this.viewers.reduce((sum, { falls }) => sum + falls, 0);
	}

	close(): void {
		for (const viewer of this.viewers) viewer.close();
	}
}

/** Describes how a viewer differs from the expected state of a video; undefined when it does not. */
function mismatchOf(viewer: Viewer, video: string, { totals, comments }: Expected): string | undefined {
	const shown = viewer.totals(video);
	const expected = totals.get(video) ?? {};
	if (shown === undefined) return 'shows no totals';
	if (Object.keys(diffTotals(shown, expected)).length > 0) {
		return `shows ${JSON.stringify(shown)} and not ${JSON.stringify(expected)}`;
	}
	const { missing } = comments.compare(video, viewer.received.get(video) ?? []);
	return missing > 0 ? `misses ${missing} comments` : undefined;
}
