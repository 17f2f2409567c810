import { diffTotals, type LikesEvent, type Totals } from '@likewire/protocol';
import { createTaps, type Frame } from '../src/kinds/taps.ts';

/** A store, the stream that it feeds, and one client with its taps; steps act on it in any order. */
export class TapsModel {
	readonly taps = createTaps();
	readonly #types = ['heart', 'clap'];
	readonly #counts: Record<string, number> = {};
	#revision = 0;
	/** Own likes in the store, by id. */
	readonly #stored = new Map<string, string>();
	readonly #own = new Map<string, 'waiting' | 'posted' | 'done' | 'refused'>();
	#recent: LikesEvent['recent'] = [];
	#sent: Totals = {};
	readonly #frames: { frame: Frame; own: ReadonlySet<string>; isSnapshot: boolean }[] = [];
	readonly #answers: { id: string; revision: number; duplicate: boolean }[] = [];
	/** Own likes in the state that the client received last. */
	#seen: ReadonlySet<string> = new Set();
	#next = 0;
	#foreign = 0;
	/** Whether the number may fall at the last step. */
	mayFall = false;

	constructor() {
		this.reconnect();
	}

	#type(n: number): string {
		return this.#types[n % this.#types.length] as string;
	}

	#pick(state: string, n: number): string | undefined {
		const ids = [...this.#own].filter(([, own]) => own === state).map(([id]) => id);
		return ids[n % ids.length];
	}

	#add(id: string, type: string): void {
		this.#counts[type] = (this.#counts[type] ?? 0) + 1;
		this.#revision++;
		this.#recent = [...this.#recent, { id, user: 'u', type, at: 0 }];
	}

	typeOf(id: string): string {
		return this.#type(Number(id.slice(1)));
	}

	tap(): void {
		const id = `t${this.#next++}`;
		this.#own.set(id, 'waiting');
		this.taps.tap(id, this.typeOf(id));
	}

	/** Posts a tap, the first time or again; `fate` determines whether the request and the answer arrive. */
	post(n: number, fate: number): void {
		const id = this.#pick(n % 2 ? 'posted' : 'waiting', n);
		if (id === undefined) return;
		this.#own.set(id, 'posted');
		this.taps.sent(id);
		if (fate === 0) return;
		const duplicate = this.#stored.has(id);
		if (!duplicate) {
			this.#stored.set(id, this.typeOf(id));
			this.#add(id, this.typeOf(id));
		}
		// The answer's revision also contains the other likes of the same commit.
		if (fate === 2) this.foreign(n);
		if (fate !== 1) this.#answers.push({ id, revision: this.#revision, duplicate });
	}

	answer(n: number): void {
		const answer = this.#answers.splice(n % Math.max(1, this.#answers.length), 1)[0];
		if (answer === undefined || this.#own.get(answer.id) !== 'posted') return;
		this.#own.set(answer.id, 'done');
		this.taps.answered(answer.id, answer.revision, answer.duplicate);
	}

	refuse(n: number): void {
		const id = this.#pick('posted', n);
		if (id === undefined || this.#stored.has(id)) return;
		this.mayFall = true;
		this.#own.set(id, 'refused');
		this.taps.dropped(id);
	}

	foreign(n: number): void {
		this.#add(`f${this.#foreign++}`, this.#type(n));
	}

	takeBack(n: number): void {
		const type = this.#type(n);
		const ownStored = [...this.#stored.values()].filter((stored) => stored === type).length;
		if ((this.#counts[type] ?? 0) <= ownStored) return;
		this.#counts[type] = (this.#counts[type] ?? 0) - 1;
		this.#revision++;
	}

	#frame(recent: LikesEvent['recent'], isSnapshot: boolean): void {
		const totals = { ...this.#counts };
		const frame = { totals, delta: isSnapshot ? {} : diffTotals(this.#sent, totals), recent, revision: this.#revision };
		this.#sent = totals;
		this.#recent = [];
		this.#frames.push({ frame, own: new Set(this.#stored.keys()), isSnapshot });
	}

	/** Makes a frame, with a sample of the new likes. */
	flush(sample: number): void {
		const left: Record<string, number> = diffTotals(this.#sent, this.#counts);
		const shown = this.#recent.filter(({ type }, i) => {
			if (((sample >> (i % 8)) & 1) === 0) return false;
			left[type] = (left[type] ?? 0) - 1;
			return (left[type] ?? 0) >= 0;
		});
		this.#frame(shown, false);
	}

	receive(): void {
		const next = this.#frames.shift();
		if (next === undefined) return;
		this.#seen = next.own;
		if (next.isSnapshot) {
			this.mayFall = true;
			this.taps.reopened();
		}
		this.taps.show(next.frame);
	}

	reconnect(): void {
		this.#frames.length = 0;
		this.#frame([], true);
	}

	/** Restores a backup without the last own like and some of others; the client reconnects. */
	restore(): void {
		const last = [...this.#stored].at(-1);
		if (last !== undefined) {
			this.#stored.delete(last[0]);
			this.#counts[last[1]] = (this.#counts[last[1]] ?? 0) - 1;
		}
		this.#revision = Math.max(0, this.#revision - 3);
		this.#answers.length = 0;
		this.reconnect();
		this.receive();
	}

	/** Returns the most that may be displayed: the stream, and each tap that the client has not seen in it. */
	bound(stream: Totals): Totals {
		const bound: Record<string, number> = { ...stream };
		for (const [id, state] of this.#own) {
			if (state === 'refused' || this.#seen.has(id)) continue;
			bound[this.typeOf(id)] = (bound[this.typeOf(id)] ?? 0) + 1;
		}
		return bound;
	}

	get store(): Totals {
		return this.#counts;
	}

	/** Runs until no post, answer or frame is pending. */
	settle(): void {
		while (this.#pick('waiting', 0)) this.post(0, 3);
		while (this.#answers.length > 0) this.answer(0);
		for (let i = 0; this.#pick('posted', 0) && i < 1000; i++) {
			this.post(1, 3);
			this.answer(0);
		}
		this.flush(0);
		while (this.#frames.length > 0) this.receive();
	}
}
