import { monotonicNow } from '../runtime/clock.ts';

interface Read<Answer> {
	readonly answer: Promise<Answer>;
	/** Until then callers share the answer, by the monotonic clock; infinite while the read is in flight. */
	freshUntil: number;
}

/** The most subjects with kept answers; further ones share an answer only while it is in flight. */
const MAX_KEPT = 10_000;

/**
 * Shares one answer among callers with the same question at the same time, and for a short time after
 * it, so that many callers lead to one read of the store. Each question has a subject, whose change
 * drops the answers.
 */
export class SingleFlight<Answer> {
	readonly #reads = new Map<string, Map<string, Read<Answer>>>();

	/**
	 * Resolves with the answer to a question about a subject; calls `read` unless another caller has done
	 * so.
	 *
	 * @param keepMs how long later callers share the answer, in milliseconds; 0 for callers during the read only.
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

	/** Drops the answers of a changed subject, so that later callers get a new one. */
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
