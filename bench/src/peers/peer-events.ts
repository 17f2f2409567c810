import type { LikesEvent } from '@likewire/protocol';

/** The likes events of a peer: each one has one heart more, so that viewers notice when they miss one. */
export class PeerEvents {
	#hearts = 0;

	/** Returns the JSON of the state without a change: the first event of each viewer. */
	snapshot(): string {
		return JSON.stringify(this.#event({}, []));
	}

	/** Returns the JSON of the next event. It has `bytes` bytes, or as few as possible. */
	next(bytes: number): string {
		this.#hearts++;
		const like = { id: `like-${this.#hearts}`, user: 'bench', type: 'heart', at: Date.now() };
		const event = this.#event({ heart: 1 }, [like]);
		const missing = Math.max(0, bytes - JSON.stringify(event).length);
		return JSON.stringify({ ...event, video: event.video + 'x'.repeat(missing) });
	}

	#event(delta: LikesEvent['delta'], recent: LikesEvent['recent']): LikesEvent {
		const totals = { heart: this.#hearts };
		const [shown, revision] = [recent.length, this.#hearts];
		return { video: 'bench', totals, delta, recent, shown, of: shown, revision, at: Date.now() };
	}
}
