import { diffTotals, encodeEvent, type LikesEvent, type Totals } from '@likewire/protocol';
import { type CounterRows, endedAtOf, NO_LIKES, revisionOf, totalsOf } from '../../state/counters.ts';
import { mergeSamples, SAMPLE_SIZE, type Sample, sampleOf } from '../../state/sample.ts';

/** A state of the likes of a video as it was flushed to viewers. */
export interface Version {
	readonly totals: Totals;
	readonly revision: number;
	readonly at: number;
	/** Some of the likes that this version added to the one before it. */
	readonly sample: Sample;
	/** The video is over. */
	readonly ended: boolean;
}

/** Who was told one of so many newest versions gets a sample of all that came since; who was told an older one, of these. */
const SAMPLED_VERSIONS = 32;

/** The likes of a video, and that it ended: news merge into what is pending, and a flush makes a version of that. */
export class LikesSection {
	/** What viewers are told; undefined until the first flush. */
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

	/** `rows` is all that is known now, and more than before; `sample` and `at` are those of the news. */
	merge(rows: CounterRows, sample: Sample, at: number): void {
		this.#rows = rows;
		this.#sample = mergeSamples(this.#sample, sample);
		this.#at = Math.max(this.#at, at);
	}

	/** Something is pending that is in no version yet. */
	get isFresh(): boolean {
		return this.version === undefined || this.#rows !== this.#flushedRows;
	}

	/** Makes the version of what is pending; says whether there is one that tells anything new. */
	flush(): boolean {
		if (!this.isFresh) return false;
		const rows = this.#rows;
		this.#flushedRows = rows;
		const ended = endedAtOf(rows) !== undefined;
		const next = { totals: totalsOf(rows), revision: revisionOf(rows), at: this.#at, sample: this.#sample, ended };
		// A store that nobody liked anything in is no news.
		if (this.version !== undefined && looksAlike(this.version, next)) return false;
		this.version = next;
		this.#sample = [];
		this.#recent.push(next);
		if (this.#recent.length > SAMPLED_VERSIONS) this.#recent.shift();
		return true;
	}

	/**
	 * What brings a viewer from the version it was told, or from nothing, to the current one, with so many likes of it at the
	 * most; empty when nothing does.
	 */
	textFrom(told: Version | undefined, sampleSize = SAMPLE_SIZE): string {
		const { version } = this;
		if (version === undefined || version === told) return '';
		const likes = encodeEvent(
			'likes',
			likesEvent(this.#video, told, /* mutant: shows-flushed */ version, this.#sampleSince(told).slice(0, sampleSize)),
		);
		if (!version.ended || told?.ended) return likes;
		return likes + encodeEvent('ended', { video: this.#video, totals: version.totals });
	}

	/** A sample of the likes that came after `told`. */
	#sampleSince(told: Version | undefined): Sample {
		if (told === undefined) return [];
		const since = this.#recent.slice(this.#recent.indexOf(told) + 1);
		return sampleOf(since.flatMap(({ sample }) => sample));
	}
}

/** Whether a viewer who was told one of them has nothing to learn from the other. */
function looksAlike(one: Version, other: Version): boolean {
	const isEqual = one.revision === other.revision && one.ended === other.ended;
	return isEqual && Object.keys(diffTotals(one.totals, other.totals)).length === 0;
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
