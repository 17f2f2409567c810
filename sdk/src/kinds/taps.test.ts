import type { LikesEvent, Totals } from '@likewire/protocol';
import { diffTotals } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTaps, type Frame, type Taps } from './taps.ts';

const heart = (id: string) => ({ id, user: 'u', type: 'heart', at: 0 });

function snapshot(hearts: number, revision = hearts): Frame {
	return { totals: { heart: hearts }, delta: {}, recent: [], revision };
}

function delta(hearts: number, added: number, recent: string[] = [], revision = hearts): Frame {
	return { totals: { heart: hearts }, delta: { heart: added }, recent: recent.map(heart), revision };
}

function tapped(...ids: string[]): Taps {
	const taps = createTaps();
	taps.show(snapshot(10));
	for (const id of ids) {
		taps.tap(id, 'heart');
		taps.sent(id);
	}
	return taps;
}

describe('the totals to display', () => {
	it('counts a tap at once', () => {
		const taps = createTaps();
		taps.show(snapshot(10));
		taps.tap('a', 'heart');
		expect(taps.totals).toEqual({ heart: 11 });
	});

	it('counts a tap once when a frame shows it before its answer comes', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1, ['a']));
		expect(taps.totals).toEqual({ heart: 11 });
		taps.answered('a', 11, false);
		expect(taps.totals).toEqual({ heart: 11 });
	});

	it('counts a tap once when its answer comes before the frame', () => {
		const taps = tapped('a');
		taps.answered('a', 11, false);
		expect(taps.totals).toEqual({ heart: 11 });
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 11 });
	});

	it('does not count a sent tap that a frame may hide, until its answer tells', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 11 });
		taps.answered('a', 12, false);
		expect(taps.totals).toEqual({ heart: 12 });
		taps.show(delta(12, 1));
		expect(taps.totals).toEqual({ heart: 12 });
	});

	it('lets a tap that no frame can hold count whatever frames hide', () => {
		const taps = createTaps();
		taps.show(snapshot(10));
		taps.tap('a', 'heart');
		taps.show(delta(20, 10));
		expect(taps.totals).toEqual({ heart: 21 });
	});

	it('does not fall when the tap that was hidden is not the one that was suspected', () => {
		const taps = tapped('a', 'b');
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 12 });
		taps.answered('b', 11, false);
		expect(taps.totals).toEqual({ heart: 12 });
		taps.answered('a', 12, false);
		expect(taps.totals).toEqual({ heart: 12 });
	});

	it('sees a hidden like behind one that was taken back in the same frame', () => {
		const taps = tapped('a');
		taps.show({ ...snapshot(10, 12), recent: [] });
		expect(taps.totals).toEqual({ heart: 10 });
	});

	it('takes a duplicate for counted or not only when the stream has reached its answer', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1));
		taps.answered('a', 13, true);
		expect(taps.totals).toEqual({ heart: 11 });
		taps.show(delta(13, 2));
		expect(taps.totals).toEqual({ heart: 13 });
	});

	it('drops a tap that was refused', () => {
		const taps = tapped('a');
		taps.dropped('a');
		expect(taps.totals).toEqual({ heart: 10 });
	});

	it('keeps no tap for ever when the store was restored from a backup', () => {
		const taps = tapped('a');
		taps.answered('a', 11, false);
		taps.reopened();
		taps.show(snapshot(4));
		expect(taps.totals).toEqual({ heart: 4 });
	});

	it('keeps no tap for ever when the stream had not reached its answer before the restore', () => {
		const taps = tapped('a');
		taps.answered('a', 20, false);
		taps.reopened();
		taps.show(snapshot(10));
		expect(taps.totals).toEqual({ heart: 10 });
	});

	it('does not suspect a tap that was sent after the frame', () => {
		const taps = tapped('a');
		taps.show(delta(11, 1));
		taps.tap('b', 'heart');
		taps.sent('b');
		expect(taps.totals).toEqual({ heart: 12 });
		taps.answered('a', 12, false);
		expect(taps.totals).toEqual({ heart: 13 });
	});

	it('keeps reactions apart', () => {
		const taps = tapped('a');
		taps.tap('b', 'clap');
		taps.show(delta(11, 1));
		expect(taps.totals).toEqual({ heart: 11, clap: 1 });
	});

	it('says how many likes of a frame are own taps', () => {
		const taps = tapped('a', 'b');
		taps.answered('b', 12, false);
		expect(taps.show(delta(15, 5, ['a', 'x']))).toEqual({ heart: 2 });
		expect(taps.show(delta(16, 1))).toEqual({});
	});
});

/** A store, the stream it feeds and one client with its taps; `random` steps act on it in any order. */
class Model {
	readonly taps = createTaps();
	readonly #types = ['heart', 'clap'];
	readonly #counts: Record<string, number> = {};
	#revision = 0;
	/** Own likes in the store, by id. */
	readonly #stored = new Map<string, string>();
	readonly #own = new Map<string, 'waiting' | 'posted' | 'done' | 'refused'>();
	#recent: LikesEvent['recent'] = [];
	#told: Totals = {};
	readonly #frames: { frame: Frame; own: ReadonlySet<string>; isSnapshot: boolean }[] = [];
	readonly #answers: { id: string; revision: number; duplicate: boolean }[] = [];
	/** Own likes in the state that the client saw last. */
	#seen: ReadonlySet<string> = new Set();
	#next = 0;
	#foreign = 0;
	/** Whether the number may fall at the step just taken. */
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
		this.#recent = [...this.#recent, { ...heart(id), type }];
	}

	typeOf(id: string): string {
		return this.#type(Number(id.slice(1)));
	}

	tap(): void {
		const id = `t${this.#next++}`;
		this.#own.set(id, 'waiting');
		this.taps.tap(id, this.typeOf(id));
	}

	/** Posts a tap, the first time or again; `fate` says whether the request and the answer arrive. */
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
		// What else was in the same commit is in the answer's revision too.
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
		const frame = { totals, delta: isSnapshot ? {} : diffTotals(this.#told, totals), recent, revision: this.#revision };
		this.#told = totals;
		this.#recent = [];
		this.#frames.push({ frame, own: new Set(this.#stored.keys()), isSnapshot });
	}

	/** A frame is made, with a sample of what is new. */
	flush(sample: number): void {
		const left: Record<string, number> = diffTotals(this.#told, this.#counts);
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

	/** The store goes back to a backup without the last own like and some of others; the client reconnects. */
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

	/** What the client saw, and every tap that was not in it and may still be: the most that may be displayed. */
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

	/** Until nothing is under way. */
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

type Step = readonly [name: 'tap' | 'answer' | 'refuse' | 'foreign' | 'receive' | 'reconnect', n: number];
const STEPS = ['tap', 'tap', 'answer', 'refuse', 'foreign', 'foreign', 'receive', 'receive', 'reconnect'] as const;
const plain = fc.tuple(fc.constantFrom(...STEPS), fc.nat(1000)) as fc.Arbitrary<Step>;
const post = fc.tuple(fc.constant('post' as const), fc.nat(1000), fc.nat(3));
const flush = fc.tuple(fc.constant('flush' as const), fc.nat(255));
const rude = fc.tuple(fc.constantFrom('takeBack' as const, 'restore' as const), fc.nat(1000));
const schedule = <T>(...steps: fc.Arbitrary<T>[]) => fc.array(fc.oneof(...steps), { maxLength: 120 });

function run(model: Model, [name, n, fate]: readonly [string, number, number?]): void {
	model.mayFall = false;
	if (name === 'post') model.post(n, fate ?? 0);
	else (model as unknown as Record<string, (n: number) => void>)[name]?.(n);
}

function expectAtMost(actual: Totals, bound: Totals): void {
	for (const [type, value] of Object.entries(actual)) expect(value).toBeLessThanOrEqual(bound[type] ?? 0);
}

describe('the totals to display, whatever the order of things', () => {
	it('are never more than the store has and will get, never fall, and end as the store is', () => {
		fc.assert(
			fc.property(schedule<readonly [string, number, number?]>(plain, post, flush), (steps) => {
				const model = new Model();
				let lowest: Totals = {};
				for (const step of steps) {
					run(model, step);
					const { totals } = model.taps;
					expectAtMost(totals, model.bound(model.store));
					if (!model.mayFall) expectAtMost(lowest, totals);
					lowest = totals;
				}
				model.settle();
				expect(diffTotals(model.store, model.taps.totals)).toEqual({});
			}),
			{ numRuns: 2000 },
		);
	});

	it('end as the store is, even when likes are taken back and the store is restored', () => {
		fc.assert(
			fc.property(schedule<readonly [string, number, number?]>(plain, post, flush, rude), (steps) => {
				const model = new Model();
				for (const step of steps) run(model, step);
				model.settle();
				expect(diffTotals(model.store, model.taps.totals)).toEqual({});
			}),
			{ numRuns: 1000 },
		);
	});
});
