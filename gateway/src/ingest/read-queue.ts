import { GatewayError } from '../runtime/errors.ts';

/** The most reads that wait; a further one is refused. */
const MAX_WAITING = 100;

/** Runs long reads of the store one after the other: writes wait for one of them at most. */
export class ReadQueue {
	#waiting = 0;
	#last: Promise<unknown> = Promise.resolve();

	/** Resolves with the result of `read`. Rejects as it does, and with `overloaded` when too many wait. */
	async run<Result>(read: () => Promise<Result>): Promise<Result> {
		if (this.#waiting >= MAX_WAITING) {
			throw new GatewayError('overloaded', `${MAX_WAITING} reads wait for the store; try again.`);
		}
		this.#waiting++;
		const done = this.#last.then(read);
		this.#last = done.catch(() => undefined);
		try {
			return await done;
		} finally {
			this.#waiting--;
		}
	}
}
