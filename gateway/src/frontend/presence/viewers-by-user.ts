/**
 * Counts the viewers of each user on this node. Reports the first viewer of a user, and the end of the
 * last one.
 */
export class ViewersByUser {
	readonly #viewers = new Map<string, number>();
	readonly #onUser: (user: string, present: boolean) => void;

	constructor(onUser: (user: string, present: boolean) => void) {
		this.#onUser = onUser;
	}

	all(): Iterable<string> {
		return this.#viewers.keys();
	}

	/** Adds a viewer; a viewer without a user changes nothing. */
	come(user: string | undefined): void {
		if (user === undefined) return;
		const before = this.#viewers.get(user) ?? 0;
		this.#viewers.set(user, before + 1);
		if (before === 0) this.#onUser(user, true);
	}

	/** Removes a viewer that came. */
	go(user: string | undefined): void {
		if (user === undefined) return;
		const left = (this.#viewers.get(user) ?? 0) - 1;
		// mutant: counts-devices
		if (left > 0) this.#viewers.set(user, left);
		else {
			this.#viewers.delete(user);
			this.#onUser(user, false);
		}
	}
}
