import { diffTotals, type LikesEvent, sumTotals, type Totals } from '@likewire/protocol';

/** A like of this client that the stream does not show for certain. */
interface Tap {
	readonly type: string;
	/**
	 * `waiting`: never posted, so it is in no total. `sent`: posted, and whether it arrived is open. `answered`: stored,
	 * and the stream had not caught up with it when it was.
	 */
	state: 'waiting' | 'sent' | 'answered';
	/** A stream at this revision, or a higher one, includes the tap. Known from its answer. */
	revision?: number;
	/** Sent before a frame came that may hide it. */
	exposed: boolean;
}

/** What a frame tells: see {@link LikesEvent}. */
export type Frame = Pick<LikesEvent, 'totals' | 'delta' | 'recent' | 'revision'>;

/**
 * The totals to display: the stream's, and this client's own taps that are not in them yet. No tap counts twice, and
 * while nobody takes likes back the number does not fall. Deterministic, no I/O.
 *
 * The stream does not say whose likes a total holds beyond the few in `recent`. So for each reaction it is counted how
 * many likes came in frames without being shown: at most that many of the taps whose answer is open may be among them,
 * and that many do not add to the display until their answers tell.
 */
export interface Taps {
	readonly totals: Totals;
	tap(id: string, type: string): void;
	/** It is being posted. */
	sent(id: string): void;
	/** Its answer. A `duplicate` had been stored by an earlier post. */
	answered(id: string, revision: number, duplicate: boolean): void;
	/** It will not be counted. */
	dropped(id: string): void;
	/** The stream was opened anew: the next frame is a snapshot. */
	reopened(): void;
	/** The stream's newest state. Answers how many of its `delta` are this client's own, as far as known. */
	show(frame: Frame): Totals;
}

export function createTaps(): Taps {
	const taps = new Map<string, Tap>();
	/** By type: how many exposed taps may be in the stream's totals. */
	const hidden = new Map<string, number>();
	let snapshotDue = true;
	let stream: { readonly totals: Totals; readonly revision: number } | undefined;

	const isExposed = (tap: Tap) => tap.state === 'sent' && tap.exposed;

	/** No more can be hidden than there are taps that may be. */
	function setHidden(type: string, value: number): void {
		const exposed = [...taps.values()].filter((tap) => tap.type === type && isExposed(tap));
		hidden.set(type, Math.max(0, Math.min(value, exposed.length)));
	}

	/** The tap is decided; `counted`: it is in the stream's totals, and was among the hidden ones if it was exposed. */
	function settle(id: string, tap: Tap, counted: boolean): void {
		taps.delete(id);
		setHidden(tap.type, (hidden.get(tap.type) ?? 0) - (counted && isExposed(tap) ? 1 : 0));
	}

	/** Whether a store went back to a backup: revisions from before it are of another count. */
	function isRestored(revision: number): boolean {
		if (stream !== undefined && revision < stream.revision) return true;
		// An answer may have told more than the stream ever did. Should the new stream only lag behind it, the taps are
		// missing from the display for that moment; taken the other way, they might be in it for ever.
		return snapshotDue && [...taps.values()].some((tap) => tap.revision !== undefined && tap.revision > revision);
	}

	/** How many likes of the type the frame may add without showing them. */
	function unshown(type: string, { totals, recent, revision }: Frame): number {
		// Nothing before to compare with: they may be among all that there are.
		if (stream === undefined) return totals[type] ?? 0;
		const change = diffTotals(stream.totals, totals);
		// Each like added is a step of the revision, and so is each taken back, which `change` lacks twice.
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
			// The store had a duplicate before this answer, so the stream may have it too: that stays open.
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
