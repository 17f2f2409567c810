import { monotonicNow } from '../runtime/run-loop.ts';

interface Read<Answer> {
	readonly answer: Promise<Answer>;
	/** Who asks later than this, by the monotonic clock, gets another one; infinite while it is under way. */
	freshUntil: number;
}

/** Most subjects whose answers are kept for later; those of more are shared only while they are under way. */
const MAX_KEPT = 10_000;

/**
 * Lets everybody who asks the same at the same time share one answer, and for a moment after it: however many come at
 * once, the store is asked once. What is asked is about a subject, and when that changes its answers are forgotten.
 */
export class SingleFlight<Answer> {
	readonly #reads = new Map<string, Map<string, Read<Answer>>>();

	/**
	 * The answer to a question about a subject, by `read` unless somebody else has it.
	 *
	 * @param keepMs for so long, in milliseconds, the answer is good for others; 0 for those only who wait for it.
	 */
	get(subject: string, question: string, keepMs: number, read: () => Promise<Answer>): Promise<Answer> {
		const known = this.#reads.get(subject)?.get(question);
		if (known !== undefined && monotonicNow() < known.freshUntil) return known.answer;
		const one: Read<Answer> = { answer: read(), freshUntil: Number.POSITIVE_INFINITY };
		const about = this.#reads.get(subject) ?? new Map<string, Read<Answer>>();
		this.#reads.set(subject, about.set(question, one));
		const settle = (freshMs: number) => {
			one.freshUntil = monotonicNow() + freshMs;
			if (freshMs === 0) this.#drop(subject, question, one);
			else setTimeout(() => this.#drop(subject, question, one), freshMs).unref();
		};
		one.answer.then(
			() => settle(this.#reads.size > MAX_KEPT ? 0 : keepMs),
			() => settle(0),
		);
		return one.answer;
	}

	/** The subject has changed: whoever asks from now on is told how it is now. */
	forget(subject: string): void {
		this.#reads.delete(subject);
	}

	#drop(subject: string, question: string, read: Read<Answer>): void {
		const about = this.#reads.get(subject);
		if (about?.get(question) !== read) return;
		about.delete(question);
		if (about.size === 0) this.#reads.delete(subject);
	}
}
