import type { LogCommand, LogOutcome } from '../../src/store/log-store.ts';

/** A model of the log of one topic in a store, which knows the outcome of each command. */
export class StoreLogModel {
	readonly #comments = new Map<string, { user: string; parent: string | undefined; erased: boolean }>();
	readonly #log: [kind: 'comment' | 'comment-deleted', id: string][] = [];
	#ended = false;

	/** Takes a command, and returns its outcome. */
	apply(command: LogCommand): LogOutcome['kind'] {
		if (command.kind === 'end') {
			this.#ended = true;
			return 'ended';
		}
		const known = this.#comments.get(command.id);
		if (command.kind === 'delete') {
			if (known === undefined) return 'notFound';
			if (known.user !== command.user && !command.moderator) return 'notAuthor';
			if (known.erased) return 'duplicate';
			known.erased = true;
			this.#log.push(['comment-deleted', command.id]);
			return 'added';
		}
		const { id, user, parent } = command;
		if (known !== undefined) {
			return known.user === user && (known.erased || known.parent === parent) ? 'duplicate' : 'conflict';
		}
		if (this.#ended) return 'videoEnded';
		const answered = parent === undefined ? undefined : this.#comments.get(parent);
		if (parent !== undefined && (answered === undefined || answered.erased)) return 'unknownParent';
		if (answered?.parent !== undefined) return 'parentIsAnswer';
		this.#comments.set(id, { user, parent, erased: false });
		this.#log.push(['comment', id]);
		return 'added';
	}

	/** Returns the events of the log, in order. */
	log(): [kind: string, id: string][] {
		return this.#log.map(([kind, id]) =>
			kind === 'comment' && this.#comments.get(id)?.erased ? ['erased', id] : [kind, id],
		);
	}
}
