import { diffTotals, type Totals } from '@likewire/protocol';
import type { Scripts } from './comment-audit.ts';
import { Viewer } from './viewer.ts';

export interface AudienceOptions {
	readonly viewers: number;
	/** The first is the hottest: everybody follows it, and one other each. */
	readonly videos: readonly string[];
	/** Where viewers connect. */
	readonly urls: readonly string[];
	readonly random: () => number;
}

/** What viewers should show, and should have been told. */
export interface Expected {
	readonly totals: ReadonlyMap<string, Totals>;
	readonly comments: Scripts;
}

/** All viewers of a drill, spread evenly over the frontends. */
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

	/** One who follows all videos, and so gets the most to read. */
	get busiest(): Viewer {
		const [first] = this.viewers;
		if (first === undefined) throw new Error('there are no viewers');
		return first;
	}

	/** Those who read. */
	get reading(): Viewer[] {
		return this.viewers.filter(({ paused }) => !paused);
	}

	/** Those who read and do not show the totals of all their videos, or lack a comment of one, and were told of no gap. */
	astray(expected: Expected): Viewer[] {
		return this.reading.filter((viewer) =>
			viewer.videos.some((video) => lackOf(viewer, video, expected) !== undefined),
		);
	}

	/** What the first of those shows, or lacks; undefined when there are none. */
	firstLack(expected: Expected): string | undefined {
		for (const viewer of this.reading) {
			for (const video of viewer.videos) {
				const lack = lackOf(viewer, video, expected);
				if (lack !== undefined) return `${viewer.name} ${lack} of ${video}`;
			}
		}
		return undefined;
	}

	/** Takes everybody back to the frontend where they began. */
	goHome(): void {
		for (const viewer of this.viewers) viewer.goHome();
	}

	/** What viewers were told that they should not have been, since it was asked last. */
	takeViolations(): string[] {
		return this.viewers.flatMap(({ violations }) => violations.splice(0));
	}

	/** Forgets which frames arrived. */
	forgetFrames(): void {
		for (const { frames } of this.viewers) frames.clear();
	}

	/** Forgets what was told of comments. */
	forgetTold(): void {
		for (const { told } of this.viewers) told.clear();
	}

	/** How many streams ended so far. */
	get falls(): number {
		return this.viewers.reduce((sum, { falls }) => sum + falls, 0);
	}

	close(): void {
		for (const viewer of this.viewers) viewer.close();
	}
}

/** What is wrong with what a viewer shows of a video, or was told. */
function lackOf(viewer: Viewer, video: string, { totals, comments }: Expected): string | undefined {
	const shown = viewer.totals(video);
	const expected = totals.get(video) ?? {};
	if (shown === undefined) return 'shows no totals';
	if (Object.keys(diffTotals(shown, expected)).length > 0) {
		return `shows ${JSON.stringify(shown)} and not ${JSON.stringify(expected)}`;
	}
	const { missing } = comments.compare(video, viewer.told.get(video) ?? []);
	return missing > 0 ? `lacks ${missing} comments` : undefined;
}
