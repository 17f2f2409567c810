import { diffTotals, type LikesEvent, sumTotals, type Totals } from '@likewire/protocol';

/** A like of this client that the stream does not yet show for certain. */
interface Tap {
	readonly type: string;
	/**
	 * `waiting`: not posted, so no total contains it.
	 * `sent`: posted, without an answer. `answered`: stored, while the stream had not reached its revision.
	 */
	state: 'waiting' | 'sent' | 'answered';
	/** From its answer: a stream at this revision or a higher one contains the tap. */
	revision?: number;
	/** Whether it was sent before a frame that may contain it without showing it. */
	exposed: boolean;
}

/** The part of a frame that counts: see {@link LikesEvent}. */
export type Frame = Pick<LikesEvent, 'totals' | 'delta' | 'recent' | 'revision'>;

/**
 * The totals to display: the stream's, and own taps that the stream does not contain yet.
 * No tap counts twice, and the number does not fall while no user takes likes back. Deterministic, no I/O.
 *
 * The stream shows the users of only the few likes in `recent`. So Taps counts for each reaction the likes that came
 * in frames without being shown. At most that number of the taps without an answer may be among them, and that number
 * does not add to the display until their answers arrive.
 */
export interface Taps {
	readonly totals: Totals;
	tap(id: string, type: string): void;
	/** Records that the client posts the tap. */
	sent(id: string): void;
	/** Records the answer to the tap. A `duplicate` was stored by an earlier post. */
	answered(id: string, revision: number, duplicate: boolean): void;
	/** Records that the gateway will not count the tap. */
	dropped(id: string): void;
	/** Records that the stream opened again, so that the next frame is a snapshot. */
	reopened(): void;
	/** Takes the newest state of the stream; returns which likes of its `delta` are known as own taps. */
	show(frame: Frame): Totals;
}

export function createTaps(): Taps {
	const taps = new Map<string, Tap>();
	/** By type: the number of exposed taps that the stream's totals may contain. */
	const hidden = new Map<string, number>();
	let snapshotDue = true;
	let stream: { readonly totals: Totals; readonly revision: number } | undefined;

	const isExposed = (tap: Tap) => tap.state === 'sent' && tap.exposed;

	/** Bounds the number of hidden taps by the number of exposed ones. */
	function setHidden(type: string, value: number): void {
		const exposed = [...taps.values()].filter((tap) => tap.type === type && isExposed(tap));
		hidden.set(type, Math.max(0, Math.min(value, exposed.length)));
	}

	/** Removes a decided tap. `counted`: the stream's totals contain it, hidden if it was exposed. */
	function settle(id: string, tap: Tap, counted: boolean): void {
		taps.delete(id);
		setHidden(tap.type, (hidden.get(tap.type) ?? 0) - (counted && isExposed(tap) ? 1 : 0));
	}

	/** Returns whether a store returned to a backup: revisions from before it belong to another count. */
	function isRestored(revision: number): boolean {
		if (stream !== undefined && revision < stream.revision) return true;
		// An answer may have a higher revision than any frame. If the new stream only lags behind it, the display misses
		// the taps for that moment; otherwise it might contain them for ever.
		return snapshotDue && [...taps.values()].some((tap) => tap.revision !== undefined && tap.revision > revision);
	}

	/** Returns how many likes of the type the frame may add without showing them. */
	function unshown(type: string, { totals, recent, revision }: Frame): number {
		// Without an earlier frame, the taps may be among all likes.
		if (stream === undefined) return totals[type] ?? 0;
		const change = diffTotals(stream.totals, totals);
		// Each added like is a step of the revision, and so is each removed like, which `change` misses twice.
		const removed = Math.max(0, Math.ceil((revision - stream.revision - sumTotals(change)) / 2));
		const added = Math.max(0, (change[type] ?? 0) + removed);
		return Math.max(0, added - recent.filter((like) => like.type === type).length);
	}

	function showType(type: string, frame: Frame, restored: boolean): number {
		const before = hidden.get(type) ?? 0;
		const more = restored ? Number.POSITIVE_INFINITY : unshown(type, frame);
		let pool = before + more;
		let own = 0;
		for (const [id, tap] of taps) {
			if (tap.type !== type) continue;
			const isRecent = frame.recent.some((like) => like.id === id);
			const isReached = tap.revision !== undefined && (restored || tap.revision <= frame.revision);
			if (!isRecent && !isReached) {
				if (tap.state === 'sent' && more > 0) tap.exposed = true;
				continue;
			}
			taps.delete(id);
			own++;
			if (!isRecent) pool--;
		}
		setHidden(type, pool);
		return own + Math.max(0, (hidden.get(type) ?? 0) - before);
	}

	return {
		get totals() {
			const totals: Record<string, number> = { ...stream?.totals };
			for (const { type } of taps.values()) totals[type] = (totals[type] ?? 0) + 1;
			for (const [type, value] of hidden) if (value > 0) totals[type] = (totals[type] ?? 0) - value;
			return totals;
		},
		tap(id, type) {
			taps.set(id, { type, state: 'waiting', exposed: false });
		},
		sent(id) {
			const tap = taps.get(id);
			if (tap?.state === 'waiting') tap.state = 'sent';
		},
		answered(id, revision, duplicate) {
			const tap = taps.get(id);
			if (tap === undefined) return;
			if (stream !== undefined && revision <= stream.revision) {
				settle(id, tap, true);
				return;
			}
			tap.revision = revision;
			// The store had a duplicate before this answer, so the stream may contain it: that stays open.
			if (duplicate) return;
			tap.state = 'answered';
			setHidden(tap.type, hidden.get(tap.type) ?? 0);
		},
		dropped(id) {
			const tap = taps.get(id);
			if (tap !== undefined) settle(id, tap, false);
		},
		reopened() {
			snapshotDue = true;
		},
		show(frame) {
			const own: Record<string, number> = {};
			const restored = isRestored(frame.revision);
			snapshotDue = false;
			for (const type of new Set([...taps.values()].map((tap) => tap.type))) {
				const mine = Math.min(showType(type, frame, restored), Math.max(0, frame.delta[type] ?? 0));
				if (mine > 0) own[type] = mine;
			}
			stream = { totals: frame.totals, revision: frame.revision };
			return own;
		},
	};
}
