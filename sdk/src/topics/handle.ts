import type { Unbind } from '../emitter.ts';
import { LikewireError } from '../errors.ts';
import type { Topic, TopicEvents } from './topic.ts';

/** What each handle of one or more topics does. */
export interface Handle<Names extends keyof TopicEvents> {
	on<Name extends Names>(event: Name, listener: (data: TopicEvents[Name]) => void): Unbind;
	/** Throws `closed` once the handle is closed. */
	checkOpen(): void;
	/**
	 * Returns the promise of a call; it rejects with `closed` once the handle is closed.
	 * A rejection counts as handled: a caller that needs no answer needs no `catch`, and an unhandled one would end a
	 * Node process.
	 */
	write<Answer>(call: () => Promise<Answer>): Promise<Answer>;
	close(): void;
}

/** Creates a handle; it calls `onClose` once. */
export function createHandle<Names extends keyof TopicEvents>(
	topics: readonly Topic[],
	onClose: () => void,
): Handle<Names> {
	const bound = new Set<Unbind>();
	let closed = false;

	function checkOpen(): void {
		if (closed) throw new LikewireError('closed', `${topics.map(({ name }) => name)} was closed.`);
	}

	return {
		on(event, listener) {
			if (closed) return () => {};
			const unbinds = topics.map(({ events }) => events.on(event, listener));
			const unbind = () => {
				bound.delete(unbind);
				for (const one of unbinds) one();
			};
			bound.add(unbind);
			return unbind;
		},
		checkOpen,
		write(call) {
			const answer = (async () => {
				checkOpen();
				return call();
			})();
			answer.catch(() => {});
			return answer;
		},
		close() {
			if (closed) return;
			closed = true;
			for (const unbind of bound) unbind();
			onClose();
		},
	};
}
