import { diffTotals, encodeEvent, type LikesEvent, type Totals } from '@likewire/protocol';
import { type CounterRows, endedAtOf, NO_LIKES, revisionOf, totalsOf } from '../../state/counters.ts';
import { mergeSamples, SAMPLE_SIZE, type Sample, sampleOf } from '../../state/sample.ts';

/** A state of the likes of a video at a flush. */
export interface Version {
	readonly totals: Totals;
	readonly revision: number;
	readonly at: number;
	/** Some of the likes that this version added to the previous one. */
	readonly sample: Sample;
	/** Whether the video ended. */
	readonly ended: boolean;
}

/**
 * A viewer with one of this many newest versions gets a sample of all later likes; with an older one,
 * of these versions.
 */
const SAMPLED_VERSIONS = 32;

/**
 * The likes of a video, and its end: updates merge into what is pending, and a flush makes a version
 * of that.
 */
export class LikesSection {
	/** The version that viewers receive; undefined until the first flush. */
	version: Version | undefined;
	readonly #video: string;
	#rows = NO_LIKES;
	#sample: Sample = [];
	#at = 0;
	#flushedRows = NO_LIKES;
	/** The newest versions, newest last. */
	readonly #recent: Version[] = [];

	constructor(video: string) {
		this.#video = video;
	}

	/**
	 * Merges an update. `rows` holds all that is known, and more than before; `sample` and `at` are those
	 * of the update.
	 */
	merge(rows: CounterRows, sample: Sample, at: number): void {
		this.#rows = rows;
		this.#sample = mergeSamples(this.#sample, sample);
		this.#at = Math.max(this.#at, at);
	}

	/** Whether anything is pending that no version has. */
	get isFresh(): boolean {
		return this.version === undefined || this.#rows !== this.#flushedRows;
	}

	/** Makes a version of what is pending; returns whether it differs from the last one. */
	flush(): boolean {
		if (!this.isFresh) return false;
		const rows = this.#rows;
		this.#flushedRows = rows;
		const ended = endedAtOf(rows) !== undefined;
		const next = { totals: totalsOf(rows), revision: revisionOf(rows), at: this.#at, sample: this.#sample, ended };
		// A store without likes changes nothing that viewers see.
		if (this.version !== undefined && looksAlike(this.version, next)) return false;
		this.version = next;
		this.#sample = [];
		this.#recent.push(next);
		if (this.#recent.length > SAMPLED_VERSIONS) this.#recent.shift();
		return true;
	}

	/**
	 * Returns the events that bring a viewer from the version that it received, or from none, to the
	 * newest one, with at most `sampleSize` likes; empty when they are equal.
	 */
	textFrom(sent: Version | undefined, sampleSize = SAMPLE_SIZE): string {
		const { version } = this;
		if (version === undefined || version === sent) return '';
		const likes = encodeEvent(
			'likes',
			likesEvent(this.#video, sent, /* mutant: shows-flushed */ version, this.#sampleSince(sent).slice(0, sampleSize)),
		);
		if (!version.ended || sent?.ended) return likes;
		return likes + encodeEvent('ended', { video: this.#video, totals: version.totals });
	}

	/** Returns a sample of the likes that came after `sent`. */
	#sampleSince(sent: Version | undefined): Sample {
		if (sent === undefined) return [];
		const since = this.#recent.slice(this.#recent.indexOf(sent) + 1);
		return sampleOf(since.flatMap(({ sample }) => sample));
	}
}

/** Returns whether two versions look the same to a viewer. */
function looksAlike(one: Version, other: Version): boolean {
	const isEqual = one.revision === other.revision && one.ended === other.ended;
	return isEqual && Object.keys(diffTotals(one.totals, other.totals)).length === 0;
}

function likesEvent(video: string, sent: Version | undefined, version: Version, sample: Sample): LikesEvent {
	const { totals, revision, at } = version;
	if (sent === undefined) return { video, totals, delta: {}, recent: [], shown: 0, of: 0, revision, at };
	const delta = diffTotals(sent.totals, totals);
	const recent = withinDelta(sample, delta);
	return { video, totals, delta, recent, shown: recent.length, of: addedIn(delta), revision, at };
}

/**
 * Returns the likes of a sample by time, at most as many of a type as the delta adds, since some may
 * be taken back already.
 */
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
