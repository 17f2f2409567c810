/** A part of the timeline of a topic. Its ends are multiples of the step. */
export interface TimelineRange {
	readonly topic: string;
	/** The first Unix second. */
	readonly from: number;
	/** The Unix second after the last. */
	readonly to: number;
	/** The length of a step, in seconds. */
	readonly step: number;
}

/** The reactions of a step, by type: given less taken back, without zeros. `second` is the first of the step. */
export type TimelineStep = readonly [second: number, counts: Readonly<Record<string, number>>];

/** A page of a timeline. */
export interface TimelinePage {
	/** The steps with reactions, oldest first. */
	readonly steps: readonly TimelineStep[];
	/** The Unix second at which the next page begins; null at the end of the range. */
	readonly next: number | null;
}
